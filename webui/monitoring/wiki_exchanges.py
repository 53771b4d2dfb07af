"""How many requests the wiki was sent by this process, for who watches the service."""

import threading


class WikiExchanges:
    """Counts them. Safe to share between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.answered = 0
        self.failed = 0
        """Without an answer, or without one that a MediaWiki gives."""

    def count(self, answered: bool) -> None:
        """Count one more."""
        with self._lock:
            if answered:
                self.answered += 1
            else:
                self.failed += 1
