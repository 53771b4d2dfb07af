"""A small community before which members, coordinators and visitors stand, put there by hand."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from connector.model import PageLinks
from connector.store import Account
from search.readable import Readable
from tests.builders import HashingEmbedder, ReadableWhere
from tests.community import mirrored_community
from webui.app import create_app
from webui.bootstrap import Services
from webui.config import Config
from webui.rights.readers import Reader
from webui.rights.recognition import Readers
from webui.rights.rights import Everything
from webui.rights.roles import Role

FRENCH = {"Accept-Language": "fr"}
ENGLISH = {"Accept-Language": "en"}
GROUPS = {Role.MEMBER: (), Role.COORDINATOR: ("sysop",)}


class PutThere(Readers):
    """Everybody who asks is who was put there; nobody is asked to sign in."""

    def __init__(self, services: Services) -> None:
        super().__init__(services)
        self._services = services
        self.visitor()

    def of_request(self) -> Reader:
        """Return who was put there."""
        return self.reader

    def visitor(self, *, readable: Readable | None = None) -> None:
        """Let a visitor ask."""
        self.reader = Reader(role=Role.VISITOR, readable=readable or Everything())

    def person(
        self,
        name: str,
        role: Role = Role.MEMBER,
        *,
        readable: Readable | None = None,
        number: int | None = None,
    ) -> Account:
        """Let somebody ask who has signed in; `number` is that of their account in the wiki."""
        number = number if number is not None else 1_000 + sum(name.encode())
        account = self._services.store.accounts.put(
            wiki_user_id=number, name=name, groups=GROUPS.get(role, ()), told_at=datetime.now(UTC)
        )
        self.reader = Reader(role=role, readable=readable or Everything(), account=account)
        return account


def only(*pageids: int) -> Readable:
    """What somebody may read who may read some pages only."""
    return ReadableWhere(lambda page: page.pageid in pageids)


@contextmanager
def members_before(folder: Path) -> Iterator[tuple[Services, PutThere]]:
    """Services on an indexed community with a wiki that is not there, and who asks."""
    services = mirrored_community(folder)
    services.__dict__["embedder"] = HashingEmbedder()
    values = {**services.config.values, "wiki.api_url": "http://wiki.invalid/w/api.php"}
    services.config = Config(services.config.folder, values)
    services.store.links.put_many([PageLinks(pageid=1, categories=("Catégorie:Accueil",))])
    services.update_index()
    readers = services.__dict__["readers"] = PutThere(services)
    try:
        yield services, readers
    finally:
        services.close()


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Services, PutThere]]:
    """The community of a file of tests, and who asks; to be imported where it is wanted."""
    with members_before(tmp_path_factory.mktemp("community")) as ground:
        yield ground


@pytest.fixture
def readers(ground: tuple[Services, PutThere]) -> PutThere:
    """Who asks: a visitor, until a test puts another there."""
    ground[1].visitor()
    return ground[1]


@pytest.fixture
def client(services: Services, readers: PutThere) -> FlaskClient:
    """A browser in English."""
    client = make_client(services)
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


def make_app(services: Services) -> Flask:
    """The application, without limits to how often it is asked."""
    app = create_app(services)
    app.config["RATELIMIT_ENABLED"] = False
    return app


def make_client(services: Services) -> FlaskClient:
    """A browser of its own."""
    return make_app(services).test_client()
