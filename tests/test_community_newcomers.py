"""Who could show a newcomer around: how long they must have written, in a young wiki too."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from connector.model import Revision
from tests.community import hashed_community

ANICK, MARC = 201, 203


def test_in_a_young_wiki_contacts_wrote_in_as_many_months_as_it_has_lasted(tmp_path: Path) -> None:
    services = hashed_community(tmp_path / "data")
    founded = datetime(2001, 1, 10, tzinfo=UTC)
    wrote = {("Anick Roux", ANICK): (0, 26, 200), ("Marc Le Goff", MARC): (1, 2, 3)}
    services.store.revisions.put_many(
        Revision(
            revid=100_000 + 1000 * user_id + day,
            pageid=1,
            timestamp=founded + timedelta(days=day),
            user=name,
            user_id=user_id,
        )
        for (name, user_id), days in wrote.items()
        for day in days
    )

    def contacts(day: int) -> list[str]:
        found = services.newcomer_paths.contacts(now=founded + timedelta(days=day))
        return [each.name for each in found]

    assert contacts(5) == ["Anick Roux", "Marc Le Goff"]
    assert contacts(60) == ["Anick Roux", "Marc Le Goff"], "not yet two months old"
    assert contacts(61) == ["Anick Roux"], "who wrote in January and in February"
    assert contacts(92) == [], "from then on it takes three months"
    assert contacts(200) == ["Anick Roux"]
    services.close()
