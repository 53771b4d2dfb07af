"""Settings of the community floor, as frozen values; only `webui/config.py` reads files and environment."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

MONTH: Final = timedelta(days=365.25 / 12)
"""A month, where months are a span of time as in `review_months`: twelve are a year."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceRules:
    """What a practice needs before its next status is proposed."""

    tested_experiences: int = 2
    tested_people: int = 2
    adopted_experiences: int = 5
    adopted_people: int = 4
    adopted_contexts: int = 2
    review_months: int = 12
    """For "reference": an adopted practice that was reviewed within so many months."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CommunitySettings:
    """How a community is looked at."""

    rules: EvidenceRules = field(default_factory=EvidenceRules)
    asks_a_month: int = 4
    """How often somebody is asked in a month who has not said it themselves."""
    newcomer_days: int = 90
    quiet_days: int = 120
    keep_searches: bool = True
    """Count what was searched for without a good answer."""
    digest_to: tuple[str, ...] = ()
    digest_day: int = 1
    """1 is Monday, 7 Sunday; 0 for never."""
