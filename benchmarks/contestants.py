"""Who reads the wiki in `benchmarks.sync`: one contestant in a process of its own, so that each starts cold.

    echo '{"contestant": "raw", "api_url": ...}' | python -m benchmarks.contestants

The clock runs from before the session is made until the last page is there (and stored, where it says so);
starting Python and importing libraries are not counted. All read the same namespaces, and each says what it
read, page by page, so that a fast one that leaves something out is found out.
"""

import hashlib
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests

from benchmarks.machine import peak_megabytes
from connector.dump import DumpWiki
from connector.errors import SyncStoppedError
from connector.store import Store
from connector.sync import SyncSettings, sync
from connector.wiki import MediaWiki, Wiki, WikiSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What a contestant is to do."""

    contestant: str
    """A name in `CONTESTANTS`."""
    namespaces: tuple[int, ...]
    api_url: str = ""
    user: str | None = None
    """A bot password's login; None reads as nobody."""
    password: str | None = None
    batch: int = 50
    """How many texts the account may have in one reply."""
    every: int = 1
    """Naive readers read every so many pages only; their time is scaled up."""
    store: str = ""
    """The mirror's database file, for ours."""
    export: str = ""
    """An XML export, for ours."""
    sweep: bool = False
    """Whether our sync compares everything, due or not."""


@dataclass(slots=True, kw_only=True)
class Outcome:
    """What a contestant did."""

    seconds: float
    requests: int = 0
    """HTTP requests, those of logging in included."""
    texts: dict[int, tuple[int, str]] = field(default_factory=dict)
    """The revid and the SHA-1 of the text of each page that was read, by pageid."""
    revisions: int = 0
    categories: int = 0
    links: int = 0
    scaled: float = 1.0
    """What the seconds and requests of single pages were multiplied with."""
    peak_mb: float = 0.0
    """Most memory that the process ever had (resident), in MiB."""
    phases: dict[str, float] = field(default_factory=dict)
    """Seconds until the last progress of each kind, for ours."""


class Requests:
    """Counts the HTTP requests of this process, whichever library makes them: all sit upon requests."""

    def __init__(self) -> None:
        self.count = 0
        send = requests.adapters.HTTPAdapter.send

        def counting_send(adapter: requests.adapters.HTTPAdapter, *args: Any, **options: Any) -> Any:
            self.count += 1
            return send(adapter, *args, **options)

        requests.adapters.HTTPAdapter.send = counting_send  # type: ignore[method-assign, assignment]


def fingerprint(text: str) -> str:
    """Return the SHA-1 of a text, as MediaWiki counts it: hexadecimal, of its UTF-8."""
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


# Ours


def copy_texts(task: Task, counted: Requests) -> Outcome:
    """Our first copy, stopped as soon as the last current text is committed to the mirror."""
    return _sync(task, counted, stop_after="pages")


def copy_whole(task: Task, counted: Requests) -> Outcome:
    """Our sync, to its end: texts, links, categories, templates, whole histories, and the proof of a part."""
    return _sync(task, counted, stop_after=None)


def copy_again_whole(task: Task, counted: Requests) -> Outcome:
    """The second of two of our syncs that share a session, as those of `serve` and `sync --watch` do."""
    address = WikiSettings(api_url=task.api_url, user=task.user, password=task.password)
    wiki, settings = MediaWiki(address), SyncSettings(namespaces=task.namespaces)
    with Store.open(Path(task.store)) as store:
        sync(wiki, store, settings=settings)
        before, started = counted.count, time.perf_counter()
        sync(wiki, store, settings=settings)
        seconds = time.perf_counter() - started
        return _mirrored(store, Outcome(seconds=seconds, requests=counted.count - before))


def _sync(task: Task, counted: Requests, *, stop_after: str | None) -> Outcome:
    phases: dict[str, float] = {}
    asked = 0
    stopping = False
    settings = SyncSettings(namespaces=task.namespaces)
    with Store.open(Path(task.store)) as store:
        started = time.perf_counter()

        def note(done: int, total: int, what: str) -> None:
            nonlocal asked, stopping
            phases[what] = time.perf_counter() - started
            if not stopping:
                asked = counted.count
            stopping = stopping or (what == stop_after and done == total)

        wiki: Wiki
        if task.export:
            wiki = DumpWiki(Path(task.export))
        else:
            address = WikiSettings(api_url=task.api_url, user=task.user, password=task.password)
            wiki = MediaWiki(address)
        try:
            sync(
                wiki, store, settings=settings, progress=note, sweep=task.sweep or None, stop=lambda: stopping
            )
        except SyncStoppedError:
            seconds = phases[str(stop_after)]  # it stops a batch later, which does not count
        else:
            seconds, asked = time.perf_counter() - started, counted.count
        return _mirrored(store, Outcome(seconds=seconds, requests=asked, phases=phases))


def _mirrored(store: Store, outcome: Outcome) -> Outcome:
    """Add what the mirror holds, and the memory that it took."""
    outcome.peak_mb = peak_megabytes()
    outcome.texts = {page.pageid: (page.revid, fingerprint(page.wikitext)) for page in _all_pages(store)}
    outcome.revisions = store.revisions.count()
    found = store.links.get_many(list(outcome.texts)).values()
    outcome.categories = sum(len(links.categories) for links in found)
    outcome.links = sum(len(links.links) for links in found)
    return outcome


def _all_pages(store: Store) -> Iterator[Any]:
    return store.pages.iterate(redirects=True)


# Raw HTTP


class RawSession:
    """api.php by requests alone: what any library is measured against. It mends nothing, and never waits."""

    def __init__(self, task: Task) -> None:
        self._url = task.api_url
        self._session = requests.Session()
        if task.user is not None:
            token = self.ask(meta="tokens", type="login")["query"]["tokens"]["logintoken"]
            fields = {"lgname": task.user, "lgpassword": task.password, "lgtoken": token}
            reply = self._session.post(self._url, data={"action": "login", "format": "json", **fields})
            assert reply.json()["login"]["result"] == "Success"

    def ask(self, **parameters: Any) -> dict[str, Any]:
        """Ask a query and return its reply."""
        fields = {"action": "query", "format": "json", "formatversion": 2, **parameters}
        reply: dict[str, Any] = json.loads(self._session.get(self._url, params=fields).content)
        return reply

    def query(self, **parameters: Any) -> Iterator[dict[str, Any]]:
        """Yield the replies to a query until it is complete."""
        following: dict[str, Any] | None = {}
        while following is not None:
            reply = self.ask(**{**parameters, **following})
            yield reply.get("query", {})
            following = reply.get("continue")


def raw_texts(task: Task, counted: Requests) -> Outcome:
    """The current texts in the largest batches, parsed from JSON; nothing is stored."""
    started = time.perf_counter()
    kept = list(_raw_pages(RawSession(task), task))
    outcome = Outcome(seconds=time.perf_counter() - started, requests=counted.count, peak_mb=peak_megabytes())
    outcome.texts = {
        page["pageid"]: (revision["revid"], fingerprint(revision["slots"]["main"]["content"]))
        for page in kept
        for revision in page["revisions"]
    }
    return outcome


def raw_whole(task: Task, counted: Requests) -> Outcome:
    """Texts, categories, links and templates, whole histories, in the largest batches; nothing is stored."""
    started = time.perf_counter()
    session = RawSession(task)
    kept = list(_raw_pages(session, task))
    links = categories = revisions = 0
    for number in task.namespaces:
        question = {"generator": "allpages", "gapnamespace": number, "gaplimit": task.batch}
        limits = {"cllimit": "max", "pllimit": "max", "tllimit": "max"}
        for query in session.query(prop="categories|links|templates", **question, **limits):
            for page in query.get("pages", ()):
                categories += len(page.get("categories", ()))
                links += len(page.get("links", ()))
    wanted = "|".join(map(str, task.namespaces))
    properties = "ids|timestamp|user|userid|comment|size|sha1|flags|tags"
    for query in session.query(
        list="allrevisions", arvnamespace=wanted, arvprop=properties, arvlimit="max", arvdir="newer"
    ):
        revisions += sum(len(page["revisions"]) for page in query.get("allrevisions", ()))
    outcome = Outcome(seconds=time.perf_counter() - started, requests=counted.count, peak_mb=peak_megabytes())
    outcome.texts = {
        page["pageid"]: (page["revisions"][0]["revid"], fingerprint(_raw_text(page))) for page in kept
    }
    outcome.revisions, outcome.categories, outcome.links = revisions, categories, links
    return outcome


def _raw_pages(session: RawSession, task: Task) -> Iterator[dict[str, Any]]:
    question = {"prop": "revisions", "rvprop": "ids|timestamp|content", "rvslots": "main"}
    for number in task.namespaces:
        listing = {"generator": "allpages", "gapnamespace": number, "gaplimit": task.batch}
        for query in session.query(**listing, **question):
            yield from (page for page in query.get("pages", ()) if "revisions" in page)


def _raw_text(page: Mapping[str, Any]) -> str:
    return str(page["revisions"][0]["slots"]["main"]["content"])


# mwclient, as its documentation begins


def naive_texts(task: Task, counted: Requests) -> Outcome:
    """`for page in site.allpages(): page.text()`, a request a page."""
    return _read_naively(task, counted, whole=False)


def naive_whole(task: Task, counted: Requests) -> Outcome:
    """The same, and `page.revisions()`, `page.categories()`, `page.links()`: four requests a page."""
    return _read_naively(task, counted, whole=True)


def _read_naively(task: Task, counted: Requests, *, whole: bool) -> Outcome:
    import mwclient

    started = time.perf_counter()
    address = urlsplit(task.api_url)
    site = mwclient.Site(address.netloc, path=address.path.removesuffix("api.php"), scheme=address.scheme)
    pages = [page for number in task.namespaces for page in site.allpages(namespace=str(number))]
    listed, requests_to_list = time.perf_counter() - started, counted.count
    chosen = pages[:: task.every]
    texts = []
    outcome = Outcome(seconds=0)
    started = time.perf_counter()
    for page in chosen:
        texts.append((page.pageid, page.revision, page.text()))
        if whole:
            outcome.revisions += len(list(page.revisions()))
            outcome.categories += len(list(page.categories()))
            outcome.links += len(list(page.links()))
    # Every page costs alike; listing is done in full, and is not scaled.
    outcome.scaled = len(pages) / max(len(chosen), 1)
    outcome.seconds = listed + (time.perf_counter() - started) * outcome.scaled
    outcome.requests = requests_to_list + round((counted.count - requests_to_list) * outcome.scaled)
    outcome.peak_mb = peak_megabytes()
    outcome.texts = {pageid: (revid, fingerprint(text)) for pageid, revid, text in texts}
    return outcome


# pywikibot


def pywikibot_preloading(task: Task, counted: Requests) -> Outcome:
    """`PreloadingGenerator(site.allpages(), groupsize=...)`."""

    def read(site: Any) -> Iterator[Any]:
        from pywikibot.pagegenerators import PreloadingGenerator

        for number in task.namespaces:
            yield from PreloadingGenerator(site.allpages(namespace=number), groupsize=task.batch, quiet=True)

    return _read_with_pywikibot(task, counted, read)


def pywikibot_content(task: Task, counted: Requests) -> Outcome:
    """`site.allpages(content=True)`: its fastest, texts with the listing."""

    def read(site: Any) -> Iterator[Any]:
        for number in task.namespaces:
            yield from site.allpages(namespace=number, content=True)

    return _read_with_pywikibot(task, counted, read)


def _read_with_pywikibot(task: Task, counted: Requests, read: Callable[[Any], Iterable[Any]]) -> Outcome:
    with tempfile.TemporaryDirectory() as folder:
        # It looks for its settings when it is imported, and leaves caches and cookies where it stands.
        os.chdir(folder)
        os.environ |= {"PYWIKIBOT_NO_USER_CONFIG": "2", "PYWIKIBOT_DIR": folder}
        import pywikibot
        from pywikibot import config
        from pywikibot.login import BotPassword, ClientLoginManager

        config.minthrottle = config.maxthrottle = 0  # as fast as it can
        started = time.perf_counter()
        name, _, application = (task.user or "").partition("@")
        site = pywikibot.Site(url=task.api_url, user=name or None)
        if task.user is not None:
            login = ClientLoginManager(site=site, user=name, password=task.password)
            login.login_name = BotPassword(application, task.password).login_name(name)
            login.login_to_site()
            del (
                site.userinfo
            )  # what it knew of nobody; its limits are the account's once it has read them anew
            assert site.userinfo["name"] == name
            site.login()  # sees that it is logged in
            assert site.maxlimit == task.batch
        pages = [(page, page.text) for page in read(site)]
        outcome = Outcome(
            seconds=time.perf_counter() - started, requests=counted.count, peak_mb=peak_megabytes()
        )
        outcome.texts = {page.pageid: (page.latest_revision_id, fingerprint(text)) for page, text in pages}
        return outcome


CONTESTANTS: Mapping[str, Callable[[Task, Requests], Outcome]] = {
    "copy texts": copy_texts,
    "copy whole": copy_whole,
    "copy again whole": copy_again_whole,
    "raw texts": raw_texts,
    "raw whole": raw_whole,
    "naive texts": naive_texts,
    "naive whole": naive_whole,
    "pywikibot preloading": pywikibot_preloading,
    "pywikibot content": pywikibot_content,
}


def main() -> None:
    """Read a task as JSON from standard input, do it, write its outcome as JSON."""
    fields = json.load(sys.stdin)
    task = Task(**{**fields, "namespaces": tuple(fields["namespaces"])})
    outcome = CONTESTANTS[task.contestant](task, Requests())
    json.dump(asdict(outcome), sys.stdout)


if __name__ == "__main__":
    main()
