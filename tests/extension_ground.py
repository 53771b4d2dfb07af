"""The extension in a real wiki, and the service that it asks: the ground of the tests of both.

    with extension_ground(wiki, data_dir) as ground:
        ground.services.refresh()          # after an edit in the wiki: mirror and index are in step again
        ground.get("box/3").json()         # as somebody without an account
        ground.post("links", {...}, user="Marc Le Goff")

The mirror and the index are those of the wiki when the block begins, made with the bundled model. The service
can be stopped and started again at the same address (`stop_service`, `start_service`), or exchanged for
something else that listens (`point_to`).
"""

import json
import re
import secrets
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests
from werkzeug.serving import BaseWSGIServer, make_server

import webui
from tests.community import empty_community
from tests.mediawiki import LocalWiki
from webui.app import create_app
from webui.bootstrap import Services

FOLDER = Path(webui.__file__).parent / "extension" / "Compagnon"
"""The extension."""
ROUTES = "/rest.php/compagnon/v0"


class ExtensionInWiki:
    """The extension, enabled in a wiki: its routes, and what it asks.

    Args:
        wiki: the wiki.
        secret: what it shares with the service.
    """

    def __init__(self, wiki: LocalWiki, *, secret: str) -> None:
        self.wiki = wiki
        self.secret = secret

    def point_to(self, url: str, *, secret: str | None = None) -> None:
        """Make the wiki ask something else; a breaker that is open for one address is closed for another.

        Args:
            url: where it asks.
            secret: what it signs with; the same as before when none is given.
        """
        lines = {"Url": url, "Secret": self.secret if secret is None else secret}
        self.wiki.configure(
            "\n".join(f"$wgCompagnon{name} = {json.dumps(value)};" for name, value in lines.items())
        )

    def get(self, route: str, *, user: str | None = None) -> requests.Response:
        """Ask one of the extension's routes ("box/3") as a user of the wiki, or as nobody."""
        return self._ask("GET", route, user=user)

    def post(
        self, route: str, body: Mapping[str, Any], *, user: str | None = None, token: bool = True
    ) -> requests.Response:
        """Post to one of the extension's routes ("links").

        Args:
            route: which.
            body: sent as JSON.
            user: who asks; None for nobody.
            token: send the CSRF token of the user's session along.
        """
        given = dict(body)
        if token and user is not None:
            asked = self.wiki.session(user).ask("query", meta="tokens", type="csrf")
            given["token"] = asked["query"]["tokens"]["csrftoken"]
        return self._ask("POST", route, user=user, json=given)

    def complaints(self) -> list[str]:
        """What PHP has complained about while it served the wiki."""
        log = self.wiki.log_path.read_text(encoding="utf-8", errors="replace")
        return re.findall(r"PHP (?:Warning|Notice|Deprecated|Fatal|Parse|Recoverable).*", log)

    def forget_failures(self) -> None:
        """Close the breaker, as a minute would."""
        self.wiki.run_maintenance("eval.php", input=_FORGET)

    def _ask(self, method: str, route: str, *, user: str | None, **options: Any) -> requests.Response:
        with requests.Session() as session:
            session.trust_env = False
            if user is not None:
                session.cookies.update(self.wiki.session(user).cookies)
            address = f"{self.wiki.server_url}{ROUTES}/{route}"
            return session.request(method, address, timeout=60, allow_redirects=False, **options)


class ExtensionGround(ExtensionInWiki):
    """See the module.

    Args:
        wiki: the wiki, with the extension enabled.
        services: what answers it.
        secret: what the two share.
    """

    def __init__(self, wiki: LocalWiki, services: Services, *, secret: str) -> None:
        super().__init__(wiki, secret=secret)
        self.services = services
        self._server: BaseWSGIServer | None = None
        self._thread: threading.Thread | None = None
        self._port = 0

    @property
    def service_url(self) -> str:
        """The service's address; the same until the block ends."""
        return f"http://127.0.0.1:{self._port}"

    def start_service(self) -> None:
        """Serve, at the same address as before if there was one."""
        self._server = make_server("127.0.0.1", self._port, create_app(self.services), threaded=True)
        self._port = self._server.port
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()

    def stop_service(self) -> None:
        """Serve no longer: connections are refused from now on."""
        if self._server is not None and self._thread is not None:
            self._server.shutdown()
            self._thread.join()
            self._server.server_close()
            self._server = self._thread = None


# As ServiceWiring.php makes it.
_FORGET = """\
$s = MediaWiki\\MediaWikiServices::getInstance()->getService( 'CompagnonSettings' ); \
$c = ObjectCache::getLocalClusterInstance(); \
$c->delete( $c->makeKey( 'compagnon-away', hash( 'sha256', $s->url() . "\\n" . $s->secret() ) ) );
"""


@contextmanager
def extension_ground(wiki: LocalWiki, data_dir: Path, *, settings: str = "") -> Iterator[ExtensionGround]:
    """Mirror and index a wiki, serve that, and enable the extension in the wiki.

    Args:
        wiki: a wiki of the test's own.
        data_dir: an empty folder for the service.
        settings: PHP code that follows in LocalSettings.php.
    """
    secret = secrets.token_hex(32)
    (data_dir / "compagnon.toml").write_text(
        f'[web]\nsign_in = "off"\n[wiki]\napi_url = "{wiki.api_url}"\n', encoding="utf-8"
    )
    kept = data_dir / "extension-secret"
    kept.write_text(f"{secret}\n", encoding="utf-8")
    kept.chmod(0o600)
    services = empty_community(data_dir)
    try:
        services.refresh()
        ground = ExtensionGround(wiki, services, secret=secret)
        ground.start_service()
        try:
            lines = [f"$wgCompagnonUrl = '{ground.service_url}';", f"$wgCompagnonSecret = '{secret}';"]
            wiki.enable_extension(FOLDER, "\n".join([*lines, settings]))
            yield ground
        finally:
            ground.stop_service()
    finally:
        services.close()
