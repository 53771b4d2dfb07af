"""When the digest is sent by itself: in the morning of its day, by the process that syncs."""

import logging
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from community.digest import week_before
from connector.errors import CompagnonError

if TYPE_CHECKING:
    from webui.bootstrap import Services

logger = logging.getLogger(__name__)

MORNING: Final = timedelta(hours=6)
"""After the day's begin, in UTC: a mail at midnight wakes people."""
LATEST: Final = timedelta(days=3)
"""After that a week is no news any more: what could not be sent is not."""
_AGAIN_AFTER: Final = timedelta(minutes=15)


class WeeklyPost:
    """Looks after each round whether digests are due; for one thread.

    Args:
        services: of the community.
    """

    def __init__(self, services: "Services") -> None:
        self._services = services
        self._not_before: datetime | None = None
        self._told = ""

    def tick(self, now: datetime) -> None:
        """Send what is due, if anything is; trouble is logged once and never raised: the sync goes on.

        Args:
            now: aware.
        """
        config = self._services.config
        day = config.number("community.digest_day")
        if day == 0 or not config.optional_text("mail.server"):
            return
        _, until = week_before(now, day=day)
        if not until + MORNING <= now < until + LATEST:
            return
        if self._not_before is not None and now < self._not_before:
            return
        self._not_before = now + _AGAIN_AFTER
        try:
            delivery = self._services.digest_post.send_due(now)
        except CompagnonError as e:
            self._tell(str(e))
            return
        if delivery.sent:
            self._not_before = now  # there may be more than go out at once
            logger.info("%d digests sent", delivery.sent)
        self._tell(delivery.trouble)

    def _tell(self, trouble: str) -> None:
        # A server that is away for a day is told once.
        if trouble and trouble != self._told:
            logger.warning("the weekly digest: %s", trouble)
        self._told = trouble
