"""A community to which all has happened that its pages tell, served, with a real server for its mails."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connector.model import Namespace, PageLinks, Revision
from tests.builders import make_page
from tests.community import SITE
from tests.digest_ground import let_a_week_pass
from tests.knowledge_pages import SHARPEN, SHARPEN_ENGLISH, SHARPEN_FRENCH, WORKSHOP, subject_pages
from tests.mail_ground import Kept, mail_server
from tests.members import PutThere, members_before
from tests.served_pages import served
from webui.bootstrap import Services
from webui.config import Config

RUTH, INES, ANICK, LEO, MARC = 104, 105, 201, 202, 203
_NOW = datetime.now(UTC)


def _edits(user: str, user_id: int, *, pageid: int, ago: list[int], size: int = 400) -> list[Revision]:
    """Edits of a page, so many days ago."""
    return [
        Revision(
            revid=1_000_000 + 10_000 * user_id + day,
            pageid=pageid,
            timestamp=_NOW - timedelta(days=day),
            user=user,
            user_id=user_id,
            size=size + day,
            sha1=f"{user_id}{day}",
        )
        for day in ago
    ]


@pytest.fixture(scope="module")
def kept() -> Kept:
    return Kept()


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory, kept: Kept) -> Iterator[tuple[Services, PutThere, str]]:
    """Its services, who asks, and the address of its pages."""
    with members_before(tmp_path_factory.mktemp("community")) as (services, readers):
        store = services.store
        talk = {3: Namespace(id=3, name="Discussion utilisateur", canonical="User talk")}
        site = replace(SITE, namespaces={**SITE.namespaces, **talk})
        store.site.put(site, source="http://wiki.invalid/w/api.php")
        store.pages.put_many(
            [
                make_page(301, "Ciseau à bois", SHARPEN),
                make_page(302, "Atelier bois", WORKSHOP),
                make_page(303, "Burin de Kervern", SHARPEN_FRENCH),
                make_page(304, "Kervern chisel", SHARPEN_ENGLISH),
                *subject_pages(first=310),
            ]
        )
        store.revisions.put_many(
            [
                *_edits("Anick Roux", ANICK, pageid=1, ago=[2, 40, 75, 400], size=900),
                *_edits("Léo Guillou", LEO, pageid=3, ago=[5]),
                *_edits("Marc Le Goff", MARC, pageid=2, ago=[150, 190, 230, 270]),
                *_edits("Ruth Ellery", RUTH, pageid=4, ago=[20, 60]),
            ]
        )
        wanted = PageLinks(pageid=7, links=("Charte de l’atelier",))
        store.links.put_many([wanted, replace(wanted, pageid=8)])
        let_a_week_pass(store)
        services.update_index()
        with mail_server(kept) as port, served(services) as url:
            mail: dict[str, Any] = {"mail.server": "127.0.0.1", "mail.port": port, "mail.security": "none"}
            mail |= {"mail.sender": "Compagnon <compagnon@example.org>", "web.public_url": url}
            services.config = Config(services.config.folder, {**services.config.values, **mail})
            yield services, readers, url


@pytest.fixture
def services(ground: tuple[Services, PutThere, str]) -> Services:
    return ground[0]


@pytest.fixture
def readers(ground: tuple[Services, PutThere, str]) -> PutThere:
    return ground[1]


@pytest.fixture
def url(ground: tuple[Services, PutThere, str]) -> str:
    return ground[2]
