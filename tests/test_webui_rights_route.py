"""The wiki says what an account may read: to the service alone, and to each of its requests once."""

import json
import secrets
import shutil
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest
import requests

from connector.errors import WikiUnavailableError
from tests.conftest import WikiTemplates
from tests.extension_ground import FOLDER
from tests.faultproxy import FaultProxy
from tests.mediawiki import LocalWiki
from webui.claims import HEADER as CLAIM_HEADER
from webui.claims import ClaimChecker, make_claim, request_digest
from webui.rights.wiki_rights import HEADER, MOST_PAGES, ROUTE, NoExtensionError, WikiRights, service_header

pytestmark = pytest.mark.wiki

MEMBER = "Paul Kerbrat"
OPEN, HIDDEN = "Atelier", "Coffre des dons"
RULES = f"""
$wgGroupPermissions['*']['read'] = false;
$wgGroupPermissions['sysop']['hideuser'] = true;
$wgHooks['getUserPermissionsErrors'][] = static function ( $title, $user, $action, &$result ) {{
	if ( $action === 'read' && $title->getPrefixedText() === '{HIDDEN}' && !$user->isAllowed( 'protect' ) ) {{
		$result = [ 'badaccess-group0' ];
		return false;
	}}
	return true;
}};
"""


@dataclass
class Ground:
    """A private wiki with the extension."""

    wiki: LocalWiki
    secret: str
    pages: dict[str, int]
    member: int
    administrator: int

    @property
    def rights(self) -> WikiRights:
        return WikiRights(self.wiki.api_url, secret=self.secret)

    def body(self, **more: object) -> bytes:
        return json.dumps({"user": self.member, "pageids": [*self.pages.values()], **more}).encode()

    def header(self, body: bytes, **more: Any) -> str:
        content = {
            "issued_at": int(time.time()),
            "nonce": secrets.token_hex(16),
            "req": request_digest(method="POST", target=ROUTE, body=body),
            **more,
        }
        return service_header(content.pop("secret", self.secret), **content)

    def post(self, body: bytes, **headers: str) -> requests.Response:
        with requests.Session() as session:
            session.trust_env = False
            return session.post(
                f"{self.wiki.server_url}/rest.php{ROUTE}",
                data=body,
                headers={"Content-Type": "application/json", **headers},
                timeout=60,
            )


@pytest.fixture(scope="module")
def ground(wiki_templates: WikiTemplates, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    folder = tmp_path_factory.mktemp("wiki")
    wiki = wiki_templates.get("fr").copy(folder / "copy")
    pages = {title: wiki.edit(title, f"{title}, en quelques mots.").pageid for title in (OPEN, HIDDEN)}
    wiki.create_user(MEMBER)
    secret = secrets.token_hex(32)
    wiki.enable_extension(FOLDER, f"$wgCompagnonSecret = '{secret}';\n{RULES}")
    users = wiki.session().ask("query", list="users", ususers=[MEMBER, wiki.admin.name])["query"]["users"]
    ids = {user["name"]: user["userid"] for user in users}
    yield Ground(wiki, secret, pages, member=ids[MEMBER], administrator=ids[wiki.admin.name])
    wiki.discard()
    shutil.rmtree(folder)


def test_it_says_which_pages_an_account_may_read(ground: Ground) -> None:
    asked = [*ground.pages.values(), 99_999]
    assert ground.rights.readable(ground.member, asked) == {ground.pages[OPEN]}
    assert ground.rights.readable(ground.administrator, asked) == set(ground.pages.values())
    assert ground.rights.readable(99_999, asked) == set(), "an account that is not there"
    person = ground.rights.person(ground.member)
    assert person is not None
    assert (person.id, person.name, person.blocked) == (ground.member, MEMBER, False)
    assert {"*", "user"} <= set(person.groups)
    assert ground.rights.person(99_999) is None


def test_many_pages_are_asked_for_in_few_requests(ground: Ground) -> None:
    asked = [*range(10_000, 10_000 + 2 * MOST_PAGES), ground.pages[OPEN]]
    with FaultProxy(ground.wiki.server_url) as proxy:
        rights = WikiRights(proxy.url, secret=ground.secret)
        assert rights.readable(ground.member, asked) == {ground.pages[OPEN]}
        assert len(proxy.requests) == 3
    too_many = ground.body(pageids=[*range(1, MOST_PAGES + 2)])
    assert ground.post(too_many, **{HEADER: ground.header(too_many)}).status_code == 400


def test_whoever_is_not_the_service_is_refused(ground: Ground) -> None:
    body = ground.body()
    other = ground.body(user=ground.administrator)
    good = ground.header(body)
    now = int(time.time())
    digest = request_digest(method="POST", target=ROUTE, body=body)
    wrong = {
        "no header": "",
        "nonsense": "s1.a.b",
        "a part is missing": good.rpartition(".")[0],
        "another secret": ground.header(body, secret=secrets.token_hex(32)),
        "another body": ground.header(other),
        "another route": ground.header(
            body, req=request_digest(method="POST", target="/compagnon/v0/links", body=body)
        ),
        "long ago": ground.header(body, issued_at=now - 120),
        "still to come": ground.header(body, issued_at=now + 120),
        "no nonce": ground.header(body, nonce=""),
        "of the other direction": make_claim(
            ground.secret, user=None, user_id=0, issued_at=now, nonce=secrets.token_hex(16), req=digest
        ),
        "of the other direction, renamed": "s1."
        + make_claim(
            ground.secret, user=None, user_id=0, issued_at=now, nonce=secrets.token_hex(16), req=digest
        ).removeprefix("v1."),
    }
    for what, header in wrong.items():
        reply = ground.post(body, **{HEADER: header})
        assert reply.status_code == 403, what
        assert "pageids" not in reply.text, what
    assert ground.post(body, **{CLAIM_HEADER: good}).status_code == 403
    assert ground.post(body, **{HEADER: good}).status_code == 200


def test_a_request_is_good_once(ground: Ground) -> None:
    body = ground.body()
    header = ground.header(body)
    with ThreadPoolExecutor(4) as threads:
        replies = list(threads.map(lambda _: ground.post(body, **{HEADER: header}).status_code, range(4)))
    assert sorted(replies) == [200, 403, 403, 403]


def test_what_the_service_signs_is_no_claim(ground: Ground) -> None:
    """Who overhears the service cannot ask it in anybody's name."""
    checker = ClaimChecker(lambda: ground.secret, clock=lambda: time.time() + 1)
    digest = request_digest(method="GET", target="/api/v1/wiki/box?pageid=1", body=b"")
    header = service_header(
        ground.secret, issued_at=int(time.time()) + 2, nonce=secrets.token_hex(16), req=digest
    )
    for given in (header, f"v1.{header.removeprefix('s1.')}"):
        assert checker.check(given, method="GET", target="/api/v1/wiki/box?pageid=1", body=b"") is None


def test_what_is_no_request_is_told_so(ground: Ground) -> None:
    for body in (b"", b"[]", b"{", ground.body(user="7"), ground.body(user=0), ground.body(pageids=["1"])):
        assert ground.post(body, **{HEADER: ground.header(body)}).status_code == 400, body
    large = ground.body(filler="x" * 30_000)
    assert ground.post(large, **{HEADER: ground.header(large)}).status_code == 413


def test_who_is_blocked_or_hidden_is_told(ground: Ground) -> None:
    write = ground.wiki.session().write
    pages = [*ground.pages.values()]
    try:
        write("block", user=MEMBER, expiry="never", reason="pause")
        person = ground.rights.person(ground.member)
        assert person is not None
        assert person.blocked
        write("unblock", user=MEMBER)
        write("block", user=MEMBER, expiry="never", hidename=True, reason="oversight")
        assert ground.rights.person(ground.member) is None
        assert ground.rights.readable(ground.member, pages) == set()
    finally:
        write("unblock", user=MEMBER)
    assert ground.rights.readable(ground.member, pages)


def test_a_wiki_that_cannot_answer_is_told_apart_from_one_that_is_away(ground: Ground) -> None:
    with pytest.raises(NoExtensionError):
        WikiRights(ground.wiki.api_url, secret=secrets.token_hex(32)).person(ground.member)
    elsewhere = WikiRights(f"{ground.wiki.server_url}/nowhere/api.php", secret=ground.secret)
    with pytest.raises(NoExtensionError):
        elsewhere.person(ground.member)
    with pytest.raises(WikiUnavailableError) as away:
        WikiRights("http://127.0.0.1:9/api.php", secret=ground.secret).person(ground.member)
    assert not isinstance(away.value, NoExtensionError)


def test_without_a_secret_there_is_no_such_route(ground: Ground) -> None:
    settings = ground.wiki.settings_path.read_text(encoding="utf-8")
    ground.wiki.configure("$wgCompagnonSecret = '';")
    try:
        body = ground.body()
        assert ground.post(body, **{HEADER: ground.header(body)}).status_code == 404
        assert ground.post(body, **{HEADER: ground.header(body, secret="")}).status_code == 404
    finally:
        ground.wiki.settings_path.write_text(settings, encoding="utf-8")
    assert "PHP Warning" not in ground.wiki.log_path.read_text(encoding="utf-8", errors="replace")
