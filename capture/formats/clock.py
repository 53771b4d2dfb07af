"""The times that chats and transcripts write beside what is said."""

import re

_CLOCK = re.compile(r"(?<!\d)(\d{1,2}):([0-5]\d)(?::([0-5]\d))?(?:[.,]\d{1,6})?(?:\s?([ap])\.?m\b)?", re.I)


def clock_time(stamp: str) -> str | None:
    """Return the time of day in a stamp as `HH:MM` or `HH:MM:SS`, None when there is none.

    Args:
        stamp: Such as "10:31", "[2026-03-03 10:31:22]" or "3:07 PM".
    """
    found = _CLOCK.search(stamp)
    if not found:
        return None
    hour = int(found.group(1))
    half = (found.group(4) or "").lower()
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    if hour > 23:
        return None
    seconds = f":{found.group(3)}" if found.group(3) else ""
    return f"{hour:02d}:{found.group(2)}{seconds}"


def elapsed_time(stamp: str) -> str | None:
    """Return the time from the start of a recording as `HH:MM:SS`: "0:03" is three seconds."""
    found = _CLOCK.search(stamp)
    if not found:
        return None
    first, second, third = int(found.group(1)), int(found.group(2)), found.group(3)
    if third is None:
        return f"00:{first:02d}:{second:02d}"
    return f"{first:02d}:{second:02d}:{third}"
