"""What a check finds; how all are made: beside each other, each in its time, none stopping another."""

import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as TookTooLong
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from connector.errors import CompagnonError

if TYPE_CHECKING:
    from webui.bootstrap import Services


class Level(StrEnum):
    """How bad it is."""

    OK = "ok"
    WARNING = "warning"
    """It works, and will not for ever, or not as well or as safely as it should."""
    PROBLEM = "problem"
    """Something does not work."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    level: Level
    said: str
    """What is so, in one line. Never a secret, a page's text or a person's name but the account's."""
    advice: str = ""
    """What to do, unless all is well."""


@dataclass(frozen=True, slots=True)
class Check:
    """One look at something."""

    name: str
    look: Callable[["Services"], Iterable[Finding]]
    """Finds nothing where there is nothing to look at. Its CompagnonError or OSError is a problem that was
    found."""
    seconds: float = 30.0
    """How long it may take."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check has found."""

    name: str
    findings: tuple[Finding, ...]


def ok(said: str) -> Finding:
    """All is well."""
    return Finding(Level.OK, said)


def warning(said: str, advice: str) -> Finding:
    """Something should be done."""
    return Finding(Level.WARNING, said, advice)


def problem(said: str, advice: str = "") -> Finding:
    """Something must be done."""
    return Finding(Level.PROBLEM, said, advice)


def run_checks(services: "Services", checks: Sequence[Check]) -> tuple[list[Checked], bool]:
    """Make all checks.

    Args:
        services: of the data directory.
        checks: which ones, in the order of what is returned.

    Returns:
        What they found; and whether all have ended: one that took too long may go on.
    """
    pool = ThreadPoolExecutor(max_workers=max(1, len(checks)), thread_name_prefix="checkup")
    begun = time.monotonic()
    running = [(check, pool.submit(_look, check, services)) for check in checks]
    found = [Checked(check.name, _found(check, future, begun)) for check, future in running]
    ended = all(future.done() for _, future in running)
    pool.shutdown(wait=ended, cancel_futures=True)
    return found, ended


def worst(checked: Iterable[Checked]) -> Level:
    """Return how bad it is altogether."""
    levels = {finding.level for each in checked for finding in each.findings}
    return next((level for level in (Level.PROBLEM, Level.WARNING) if level in levels), Level.OK)


def _look(check: Check, services: "Services") -> tuple[Finding, ...]:
    try:
        return tuple(check.look(services))
    except CompagnonError as e:
        return (problem(str(e)),)
    except OSError as e:
        return (problem(f"{e.strerror or type(e).__name__}" + (f": {e.filename}" if e.filename else "")),)


def _found(check: Check, future: "Future[tuple[Finding, ...]]", begun: float) -> tuple[Finding, ...]:
    try:
        mistake = future.exception(timeout=max(0.0, begun + check.seconds - time.monotonic()))
    except TookTooLong:
        return (problem(f"no answer within {check.seconds:g} seconds", "try again, and look at the machine"),)
    if mistake is not None:
        # Its text may hold anything, a password in an address too.
        return (problem(f"the check itself failed ({type(mistake).__name__})", "tell Compagnon's makers"),)
    return future.result()
