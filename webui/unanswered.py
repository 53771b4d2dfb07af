"""Counting searches that found no good answer: once a day for each visitor, and without who.

That somebody was counted today is known by a digest under a key that this process has made up and keeps in
memory only; both are forgotten with the day.
"""

import hashlib
import logging
import secrets
import threading
from datetime import UTC, date, datetime
from typing import Final

from flask import current_app

from capture.lines import visible
from connector.errors import StoreError
from connector.store.questions import LONGEST_QUESTION, question_digest
from connector.wikitext.escape import one_line
from search.results import SearchResult
from webui.current import current_services
from webui.rights.readers import current_reader
from webui.visitors import visitor_address

logger = logging.getLogger(__name__)

MOST_MARKS: Final = 50_000
"""Searches of one day that are told apart; of more none is counted until the next day."""
_SHORTEST: Final = 3
_KEPT = "compagnon-counted-searches"


class CountedToday:
    """Which searches of a day were counted for whom. Safe to share between threads."""

    def __init__(self) -> None:
        self._mutex = threading.Lock()
        self._day: date | None = None
        self._key = b""
        self._marks: set[bytes] = set()

    def is_new(self, visitor: str, text: str, *, today: date) -> bool:
        """Whether a visitor has not searched for this today; from now on they have."""
        with self._mutex:
            if today != self._day:
                self._day, self._key, self._marks = today, secrets.token_bytes(32), set()
            told = f"{visitor}\n{question_digest(text)}".encode()
            mark = hashlib.blake2b(told, key=self._key, digest_size=16).digest()
            if mark in self._marks or len(self._marks) >= MOST_MARKS:
                return False
            self._marks.add(mark)
            return True


def count_unanswered(result: SearchResult, *, narrowed: bool) -> None:
    """Count a search that was shown, if nothing answers it and the settings want it.

    What was narrowed by filters says nothing of the wiki; what names somebody who is left out is not kept.

    Args:
        result: what was found.
        narrowed: whether filters left pages out.
    """
    services = current_services()
    if result.answerable or narrowed or not services.community_settings.keep_searches:
        return
    # As it would be kept: composed, some signs become three, and some none; others read it.
    text = one_line(visible(result.query))
    if not any(map(str.isalnum, text)) or not _SHORTEST <= len(text) <= LONGEST_QUESTION:
        return
    if services.index.people.names_left_out(text):
        return
    account, now = current_reader().account, datetime.now(UTC)
    visitor = f"account {account.id}" if account is not None else visitor_address(services.config)
    counted: CountedToday = current_app.extensions.setdefault(_KEPT, CountedToday())
    if counted.is_new(visitor, text, today=now.date()):
        try:
            services.store.unanswered_searches.count(text, language=result.language, now=now)
        except StoreError as e:
            logger.warning(
                "a search without an answer is not counted: %s", e
            )  # who asked is answered all the same
