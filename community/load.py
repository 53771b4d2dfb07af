"""How contributions are shared: who carries the community, and how much of it lies on few shoulders.

The definitions are those of CHAOSS where it has one:

- Contributor Absence Factor (https://chaoss.community/kb/metric-contributor-absence-factor/): the smallest
  number of people that make up half of all contributions in a span of time.
- Contributors (https://chaoss.community/kb/metric-contributors/): those with at least one contribution in it.

Gini's index ("Variabilità e mutabilità", 1912) is taken over those who contributed in the span, not over all
accounts, and so are the parts that a concentration curve is drawn of (Lorenz, 1905).
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from itertools import accumulate
from typing import Final

from community.activity import AccountActivity, Activity
from community.model import Load
from search.readable import Readable

MOST_MONTHS: Final = 240


class Loads:
    """How contributions are shared. Safe to share between threads."""

    def __init__(self, activity: Activity) -> None:
        self._activity = activity

    def over(self, *, months: int, now: datetime, readable: Readable | None = None) -> Load:
        """Return how the contributions of some months were shared.

        Args:
            months: how many calendar months (UTC), the one that `now` is in among them: 1 to `MOST_MONTHS`.
            now: aware; the last month goes until then.
            readable: as of `Activity.accounts`.

        Raises:
            ValueError: too few or too many months.
        """
        span = months_until(now, months)
        accounts = self._activity.accounts(now=now, readable=readable)
        done = [(account, count) for account in accounts.values() if (count := _in(account, span))]
        done.sort(key=lambda each: (-each[1], each[0].person.name, each[0].user_id))
        counts = [count for _, count in done]
        total = sum(counts)
        factor = absence_factor(counts)
        return Load(
            months=months,
            contributions=total,
            people=len(done),
            absence_factor=factor,
            gini=gini(counts),
            carriers=sorted((account.person for account, _ in done[:factor]), key=lambda who: who.name),
            carriers_share=sum(counts[:factor]) / total if total else 0.0,
            by_month=tuple(
                (
                    month,
                    sum(account.by_month.get(month, 0) for account, _ in done),
                    sum(month in account.by_month for account, _ in done),
                )
                for month in span
            ),
            shares=tuple(count / total for count in counts),
        )

    def share_of(
        self, user_id: int, *, months: int, now: datetime, readable: Readable | None = None
    ) -> float:
        """Return one person's part (0..1) in the contributions of some months: for themselves to see.

        Arguments and errors as of `over`; 0 for who is left out, or did nothing.
        """
        span = months_until(now, months)
        accounts = self._activity.accounts(now=now, readable=readable)
        theirs = accounts.get(user_id)
        total = sum(_in(account, span) for account in accounts.values())
        return _in(theirs, span) / total if theirs is not None and total else 0.0


def months_until(now: datetime, number: int) -> tuple[date, ...]:
    """Return the first days of so many months, oldest first; the last one is the month of `now`.

    Raises:
        ValueError: fewer than 1 or more than `MOST_MONTHS`.
    """
    if not 1 <= number <= MOST_MONTHS:
        raise ValueError(f"a span has 1 to {MOST_MONTHS} months")
    today = now.astimezone(UTC)
    last = 12 * today.year + today.month - 1
    return tuple(date(month // 12, month % 12 + 1, 1) for month in range(last - number + 1, last + 1))


def absence_factor(counts: Sequence[int]) -> int:
    """Return the fewest of these that are together half of all, or more; 0 of none."""
    half = sum(counts) / 2
    parts = accumulate(sorted(counts, reverse=True))
    return next((number for number, part in enumerate(parts, 1) if part >= half), 0)


def gini(counts: Sequence[int]) -> float:
    """Return Gini's index: half of the mean difference of any two, in parts of the mean; 0 of none.

    In the form for sorted values, G = 2 Σ i·x_i / (n Σ x_i) - (n + 1) / n: 0 to 1 - 1/n.
    """
    number, total = len(counts), sum(counts)
    if not total:
        return 0.0
    ranked = sum(place * count for place, count in enumerate(sorted(counts), 1))
    return max(0.0, 2 * ranked / (number * total) - (number + 1) / number)


def _in(account: AccountActivity, span: Sequence[date]) -> int:
    return sum(account.by_month.get(month, 0) for month in span)
