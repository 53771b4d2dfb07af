"""How long work says how far it is."""

from typing import Protocol


class Progress(Protocol):
    """Told from time to time, by whoever does long work, and never so often that it would slow the work."""

    def __call__(self, done: int, total: int, what: str) -> None:
        """Say that `done` of `total` are done.

        Args:
            done: how many are done; grows while `what` stays the same.
            total: how many there are, or 0 while nobody knows.
            what: what is counted, as a word for programs ("sweep", "pages", "links"); who shows it to a
                user translates it.
        """
