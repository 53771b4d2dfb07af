"""A throw-away MediaWiki: SQLite, PHP's built-in server, the code of the Debian package `mediawiki`.

Build one wiki (`LocalWiki.build`, 1 to 2 s), then `copy` it for every test that writes (about 0.2 s).
All wikis share the package's code and differ by MW_CONFIG_FILE only. A wiki's folder holds all that it has:
its settings, databases, caches, uploads and log. Nothing in it names its own place, and its address stands
in the file `server_url` alone, so a copy of the folder is a wiki.

    with LocalWiki.build(tmp_path / "wiki", language="fr") as wiki:
        edit = wiki.edit("Compost", "Le compost se retourne.", user="Camille Roux", summary="Création")
        login, password = wiki.create_bot_password("Camille Roux", "compagnon")
        reply = wiki.session("Camille Roux").ask("query", prop="info", titles=["Compost", "Accueil"])

Everything is done as somebody: `user=None` is the administrator, a name is an account of that name, created
when the wiki has none.
"""

import base64
import bz2
import gzip
import json
import secrets
import shutil
import socket
import time
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import Any, Self

import requests
from defusedxml import ElementTree

from tests.mediawiki_api import Account, ApiSession, Edit, LocalWikiError
from tests.mediawiki_install import (
    copy_wiki,
    install_wiki,
    make_environment,
    make_server_command,
    run_maintenance,
)
from tests.php_server import PhpServer

# What a member's bot password needs to read, and to publish practice pages.
BOT_GRANTS = ("basic", "highvolume", "editpage", "createeditmovepage")
_DECOMPRESS: dict[str, Callable[[bytes], bytes]] = {".gz": gzip.decompress, ".bz2": bz2.decompress}
_START_PATIENCE = 60.0  # seconds: the first page of a cold machine


class LocalWiki:
    """A MediaWiki in a folder. Make one with `build` or `copy`; use it as a context manager, or `stop` it."""

    def __init__(
        self,
        folder: Path,
        *,
        language: str,
        admin: Account,
        opcode_cache: Path,
        passwords: dict[str, str] | None = None,
    ) -> None:
        self.folder = folder
        self.language = language
        self.admin = admin
        self.log_path = folder / "server.log"
        self._opcode_cache = opcode_cache
        self._passwords = dict(passwords or {}) | {admin.name: admin.password}
        self._sessions: dict[str, ApiSession] = {}
        self._port = 0
        self._server: PhpServer | None = None

    # Its life

    @classmethod
    def build(cls, folder: Path, *, language: str = "fr") -> Self:
        """Install a wiki in an empty or absent folder and start it.

        Args:
            folder: where; the compiled PHP is kept beside it, in `<folder>.opcodes`, for the copies too.
            language: content and interface language, "fr" or "en".

        Raises:
            LocalWikiMissingError: PHP or MediaWiki is not installed.
            LocalWikiError: the installation failed, or the wiki does not answer.
        """
        admin = Account("Admin", secrets.token_hex(16))
        install_wiki(folder, language=language, admin=admin)
        opcode_cache = folder.with_name(f"{folder.name}.opcodes")
        opcode_cache.mkdir()
        wiki = cls(folder, language=language, admin=admin, opcode_cache=opcode_cache)
        wiki.start()
        return wiki

    def copy(self, folder: Path) -> Self:
        """A started copy of this wiki as it is now, in an absent folder. This one goes on undisturbed."""
        copy_wiki(self.folder, folder)
        copied = type(self)(
            folder,
            language=self.language,
            admin=self.admin,
            opcode_cache=self._opcode_cache,
            passwords=self._passwords,
        )
        copied.start()
        return copied

    def start(self) -> None:
        """Start the server, at the same address as before if there was one, and wait until it answers.

        Raises:
            LocalWikiError: it does not answer; the message ends with the server's log.
        """
        attempts = 1 if self._port else 5  # another process may take a free port before PHP does
        for attempt in range(1, attempts + 1):
            port = self._port or _free_port()
            (self.folder / "server_url").write_text(f"http://127.0.0.1:{port}\n", encoding="utf-8")
            server = self._make_server(port)
            server.start()
            try:
                _wait_for_answer(server, f"http://127.0.0.1:{port}/api.php")
            except LocalWikiError:
                server.kill()
                if attempt == attempts or "Address already in use" not in server.log_tail():
                    raise
            else:
                self._port, self._server = port, server
                return

    def stop(self) -> None:
        """Stop the server after the requests in hand; the wiki can be started again."""
        self._close_sessions()
        if self._server is not None:
            self._server.stop()

    def kill(self) -> None:
        """Kill the server at once, as a power cut would: what it had not committed is lost."""
        self._close_sessions()
        if self._server is not None:
            self._server.kill()

    def discard(self) -> None:
        """Kill the server and delete what fills the disk; settings and log stay, for who reads a failure."""
        self.kill()
        for name in ("data", "cache", "images", "tmp"):
            shutil.rmtree(self.folder / name, ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    # Where it is

    @property
    def server_url(self) -> str:
        """The root of the site, such as "http://127.0.0.1:41234"; the same until the test's end."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def api_url(self) -> str:
        """The address of api.php."""
        return f"{self.server_url}/api.php"

    @property
    def index_url(self) -> str:
        """The address of index.php; a page is at `<index_url>/Its_title`."""
        return f"{self.server_url}/index.php"

    @property
    def settings_path(self) -> Path:
        """Its LocalSettings.php."""
        return self.folder / "LocalSettings.php"

    def process_ids(self) -> list[int]:
        """The live processes of its server; empty when it is stopped."""
        return [] if self._server is None else self._server.process_ids()

    # Its accounts

    def create_user(self, name: str, *, groups: Collection[str] = ()) -> Account:
        """Create an account, or renew the password of an existing one, with these groups ("sysop" ...)."""
        account = Account(_canonical_name(name), secrets.token_hex(16))
        options = ["--force", *([f"--custom-groups={','.join(groups)}"] if groups else [])]
        output = self.run_maintenance("createAndPromote.php", *options, account.name, account.password)
        if "not a valid group" in output:
            raise LocalWikiError(output.strip())
        self._passwords[account.name] = account.password
        self._sessions.pop(account.name, None)  # a new password ends the sessions
        return account

    def account(self, name: str | None = None) -> Account:
        """The account of this name, created when needed; without a name, the administrator's."""
        known = _canonical_name(name or self.admin.name)
        if known not in self._passwords:
            return self.create_user(known)
        return Account(known, self._passwords[known])

    def create_bot_password(
        self, user: str, app: str, *, grants: Sequence[str] = BOT_GRANTS
    ) -> tuple[str, str]:
        """Give a user a bot password: the login ("User@app") and its secret of 32 characters."""
        name, secret = self.account(user).name, secrets.token_hex(16)
        options = [f"--appid={app}", f"--grants={','.join(grants)}"]
        self.run_maintenance("createBotPassword.php", *options, name, secret)
        return f"{name}@{app}", secret

    # What is done through its API

    def session(self, user: str | None = None) -> ApiSession:
        """The API session of `user`, logged in at its first use."""
        account = self.account(user)
        if account.name not in self._sessions:
            session = ApiSession(self.api_url)
            session.log_in(account)
            self._sessions[account.name] = session
        return self._sessions[account.name]

    def edit(
        self,
        title: str,
        text: str,
        *,
        user: str | None = None,
        summary: str = "",
        minor: bool = False,
        **parameters: Any,
    ) -> Edit:
        """Save a page as `user`; further `parameters` go to the API (`appendtext`, `section`, `tags` ...).

        Raises:
            LocalWikiError: it was refused, or changed nothing (`code` "nochange").
        """
        fields = {"title": title, "text": text, "summary": summary, "minor": minor, **parameters}
        result = self.session(user).write("edit", **fields)["edit"]
        if "newrevid" not in result:
            raise LocalWikiError(
                f"nothing was saved: {result}", code="nochange" if "nochange" in result else ""
            )
        return Edit(pageid=result["pageid"], revid=result["newrevid"], title=result["title"])

    def delete(self, title: str, *, user: str | None = None, reason: str = "") -> None:
        """Delete a page as `user`, who must be an administrator."""
        self.session(user).write("delete", title=title, reason=reason)

    def move(
        self, title: str, target: str, *, user: str | None = None, reason: str = "", redirect: bool = True
    ) -> None:
        """Move a page, leaving a redirect or not."""
        options = {"reason": reason, "noredirect": not redirect}
        self.session(user).write("move", **{"from": title, "to": target}, **options)

    def text(self, title: str) -> str:
        """The wikitext of a page's current revision.

        Raises:
            LocalWikiError: there is no such page (`code` "missingtitle").
        """
        return str(self.revisions(title, limit=1)[0]["content"])

    def revisions(self, title: str, *, limit: int = 50) -> list[dict[str, Any]]:
        """A page's history, latest first: ids, timestamp, user, comment, tags, flags, size, sha1, content."""
        properties = ["ids", "timestamp", "user", "comment", "tags", "flags", "size", "sha1", "content"]
        options = {"rvprop": properties, "rvlimit": limit, "rvslots": "main"}
        reply = self.session().ask("query", prop="revisions", titles=title, **options)
        [page] = reply["query"]["pages"]
        if "revisions" not in page:
            raise LocalWikiError(f"no such page: {title}", code="missingtitle")
        return [revision | revision.pop("slots", {}).get("main", {}) for revision in page["revisions"]]

    # What its administrator does on the machine

    def run_maintenance(self, script: str, *arguments: str, input: str | bytes = b"") -> str:
        """Run a maintenance script ("runJobs.php") and return what it printed.

        Raises:
            LocalWikiError: it failed; the message holds what it printed.
        """
        stdin = input.encode() if isinstance(input, str) else input
        return run_maintenance(self.settings_path, script, *arguments, stdin=stdin)

    def import_dump(self, path: Path, *, accounts: bool = True) -> None:
        """Import an XML export (plain, .gz or .bz2), then bring the site's statistics up to date.

        Args:
            path: the export.
            accounts: create the authors' accounts first, so that the edits are theirs; else MediaWiki
                attributes those of unknown names to "imported>Name".
        """
        content = path.read_bytes()
        if path.suffix in _DECOMPRESS:
            content = _DECOMPRESS[path.suffix](content)
        if accounts:
            names = base64.b64encode(json.dumps(_find_authors(content)).encode()).decode()
            create = (
                f"foreach ( json_decode( base64_decode( '{names}' ) ) as $n ) {{ User::createNew( $n ); }}"
            )
            self.run_maintenance("eval.php", input=create)
        self.run_maintenance("importDump.php", input=content)
        self.run_maintenance("runJobs.php")
        self.run_maintenance("initSiteStats.php", "--update")

    def configure(self, php: str) -> None:
        """Append PHP code to the settings; they hold from the next request on.

        Raises:
            LocalWikiError: the wiki no longer answers with them.
        """
        with self.settings_path.open("a", encoding="utf-8") as settings:
            settings.write(f"\n{php}\n")
        if self._server is not None and self._server.running:
            _wait_for_answer(self._server, self.api_url)

    def make_private(self) -> None:
        """Take the right to read (and all others) from who is not logged in."""
        rights = ("read", "edit", "createaccount")
        self.configure("\n".join(f"$wgGroupPermissions['*']['{right}'] = false;" for right in rights))

    def make_read_only(self) -> None:
        """Refuse every change to the pages, not reading nor logging in; a copy can be written."""
        (self.folder / "read_only").touch()

    def enable_extension(
        self, extension: str | Path, settings: str = "", *, update_schema: bool = False
    ) -> None:
        """Load an extension.

        Args:
            extension: the name of one that the package brings ("Gadgets"), or the folder, or the
                extension.json, of another.
            settings: PHP code that follows.
            update_schema: run update.php, for an extension with tables of its own.
        """
        if isinstance(extension, Path):
            manifest = (extension / "extension.json" if extension.is_dir() else extension).resolve()
            name = json.loads(manifest.read_text(encoding="utf-8"))["name"]
            load = f"wfLoadExtension( '{name}', '{manifest}' );"
        else:
            load = f"wfLoadExtension( '{extension}' );"
        self.configure(f"{load}\n{settings}")
        if update_schema:
            self.run_maintenance("update.php", "--quick")

    # Inside

    def _make_server(self, port: int) -> PhpServer:
        command = make_server_command(port, opcode_cache=self._opcode_cache)
        return PhpServer(command, environment=make_environment(self.settings_path), log=self.log_path)

    def _close_sessions(self) -> None:
        for session in self._sessions.values():
            session.close()
        self._sessions.clear()


def _canonical_name(name: str) -> str:
    """A user's name as MediaWiki writes it."""
    words = " ".join(name.replace("_", " ").split())
    return words[:1].upper() + words[1:]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _find_authors(dump: bytes) -> list[str]:
    elements = ElementTree.fromstring(dump).iter()
    return sorted(
        {element.text for element in elements if element.tag.endswith("}username") and element.text}
    )


def _wait_for_answer(server: PhpServer, api_url: str) -> None:
    """Wait until api.php answers what it answers to anybody, even on a private wiki."""
    deadline = time.monotonic() + _START_PATIENCE
    session = ApiSession(api_url)
    problem = "it ended"
    while time.monotonic() < deadline and server.running:
        if not server.listening:
            time.sleep(0.01)
            continue
        try:
            session.ask("query", meta="tokens", type="login")
        except (LocalWikiError, requests.ConnectionError) as error:
            problem = str(error)
            break
        else:
            session.close()
            return
    session.close()
    raise LocalWikiError(
        f"the wiki does not answer at {api_url}: {problem}\nIts log ends:\n{server.log_tail()}"
    )
