"""What administrators and oversighters do to a wiki: hide, suppress, merge, import, and let time pass.

moderation = Moderation(wiki)      # gives the administrators the rights that oversighters have elsewhere
moderation.suppress_page("Fuite d’eau")
moderation.show_or_hide([1207], hide=["content", "user"], suppress=True)
"""

import contextlib
import sqlite3
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

from tests.mediawiki import LocalWiki
from tests.mediawiki_api import LocalWikiError

# https://www.mediawiki.org/wiki/Manual:User_rights; on a fresh wiki nobody has those of oversight.
_RIGHTS = (
    "deletelogentry",
    "deleterevision",
    "editcontentmodel",
    "hideuser",
    "importupload",
    "mergehistory",
    "suppressionlog",
    "suppressrevision",
    "viewsuppressed",
)
_SETTINGS = r"""
# A clock of the test's own: `curtimestamp`, revisions and logs follow it.
if ( is_file( __DIR__ . '/clock' ) ) {
	Wikimedia\Timestamp\ConvertibleTimestamp::setFakeTime( static function () {
		return (int)file_get_contents( __DIR__ . '/clock' );
	} );
}
"""
# What a job touched bears the machine's time; what it should have touched has newer links than it says.
_TOUCH = "UPDATE page SET page_touched = ? WHERE page_touched <= ? OR page_links_updated > page_touched"
_JOBS_PATIENCE = 10.0  # seconds
_XML = "http://www.mediawiki.org/xml/export-0.11/"


@dataclass(frozen=True)
class ExportedRevision:
    """A revision as another wiki exported it."""

    timestamp: str  # ISO 8601, UTC
    author: str
    text: str
    comment: str = ""


class Moderation:
    """The administrator of a wiki, with all rights there are. One per wiki."""

    def __init__(self, wiki: LocalWiki) -> None:
        rights = "".join(f"$wgGroupPermissions['sysop']['{right}'] = true;\n" for right in _RIGHTS)
        wiki.configure(rights + _SETTINGS)
        self._wiki = wiki

    def let_time_pass(self, seconds: int) -> None:
        """Set the wiki's clock forward. From the first call on it stands still between the calls."""
        path = self._wiki.folder / "clock"
        now = int(path.read_text(encoding="ascii")) if path.exists() else int(time.time())
        changed = path.with_suffix(".new")
        changed.write_text(str(now + seconds), encoding="ascii")
        changed.replace(path)  # at once: a request reads the one or the other

    def run_jobs(self) -> None:
        """Work out what edits left for later: links of pages whose templates changed."""
        deadline = time.monotonic() + _JOBS_PATIENCE
        self._wiki.run_maintenance("runJobs.php")
        # Those that the wiki's own processes have taken may still run; one that failed stays for an hour.
        while self._jobs_left() and time.monotonic() < deadline:
            time.sleep(0.1)
            self._wiki.run_maintenance("runJobs.php")
        clock = self._wiki.folder / "clock"
        if not clock.exists():
            return
        # HTMLCacheUpdateJob goes by the machine's clock; here the wiki has its own.
        now, machine = (
            time.strftime("%Y%m%d%H%M%S", time.gmtime(t)) for t in (int(clock.read_text()), time.time())
        )
        with self._database() as database:
            database.execute(_TOUCH, (now, machine))

    def suppress_page(self, title: str, *, reason: str = "") -> None:
        """Delete a page so that even administrators do not see its revisions; only the form can do it."""
        # https://www.mediawiki.org/wiki/Oversight: the box “suppress data from administrators as well”
        session = self._wiki.session()
        fields = {"wpReason": reason, "wpSuppress": "1", "wpConfirmB": "1"}
        session.submit_form(self._wiki.index_url, fields=fields, title=title, action="delete")
        if session.exists(title):
            raise LocalWikiError(f"{title} was not deleted")

    def show_or_hide(
        self,
        revids: Sequence[int],
        *,
        hide: Collection[str] = (),
        show: Collection[str] = (),
        suppress: bool | None = None,
        reason: str = "",
    ) -> None:
        """Hide parts of revisions ("content", "comment", "user") or show them again.

        Args:
            revids: revisions of one page; the text of its newest one cannot be hidden.
            hide: the parts to hide.
            show: the parts to show again.
            suppress: hide from administrators too, or no longer; None leaves that as it is.
            reason: for the log.
        """
        level = "nochange" if suppress is None else "yes" if suppress else "no"
        result = self._wiki.session().write(
            "revisiondelete",
            type="revision",
            ids=list(revids),
            hide=list(hide),
            show=list(show),
            suppress=level,
            reason=reason,
        )["revisiondelete"]
        if result["status"] != "Success":
            raise LocalWikiError(f"nothing was hidden or shown: {result}")

    def hide_user(self, name: str) -> None:
        """Block an account and take its name out of all histories and logs."""
        options = {"expiry": "infinite", "hidename": True, "reblock": True, "autoblock": False}
        self._wiki.session().write("block", user=name, **options)

    def show_user(self, name: str) -> None:
        """Unblock an account; its name is in the histories again."""
        self._wiki.session().write("unblock", user=name)

    def merge_history(self, source: str, target: str) -> None:
        """Move the revisions of `source` that are older than `target` into the history of `target`."""
        self._wiki.session().write("mergehistory", **{"from": source, "to": target})

    def import_file(self, pages: Mapping[str, Sequence[ExportedRevision]]) -> None:
        """Import pages as Special:Import does: a line in the log, a revision that says so."""
        self._wiki.session().write_file(
            "import", name="xml", content=make_export(pages), interwikiprefix="ailleurs"
        )

    def import_quietly(self, pages: Mapping[str, Sequence[ExportedRevision]]) -> None:
        """Import pages by script: no log, no recent change, the timestamps of then."""
        self._wiki.run_maintenance("importDump.php", input=make_export(pages))

    def edit_quietly(self, title: str, text: str, *, user: str) -> None:
        """Save a page by script, without a recent change."""
        self._wiki.run_maintenance("edit.php", "--no-rc", f"--user={user}", title, input=text)

    def _jobs_left(self) -> int:
        with self._database("wiki_jobqueue.sqlite") as queue:
            return int(queue.execute("SELECT COUNT(*) FROM job").fetchone()[0])

    @contextlib.contextmanager
    def _database(self, name: str = "wiki.sqlite") -> Iterator[sqlite3.Connection]:
        path = self._wiki.folder / "data" / name
        with contextlib.closing(sqlite3.connect(path, timeout=60)) as database, database:
            yield database


def make_export(pages: Mapping[str, Sequence[ExportedRevision]]) -> bytes:
    """An export of these pages in the format of Special:Export."""
    parts = [f'<mediawiki xmlns="{_XML}" version="0.11" xml:lang="fr">']
    for title, revisions in pages.items():
        parts.append(f"<page><title>{escape(title)}</title><ns>0</ns>")
        for revision in revisions:
            parts.append(
                f"<revision><timestamp>{revision.timestamp}</timestamp>"
                f"<contributor><username>{escape(revision.author)}</username></contributor>"
                f"<comment>{escape(revision.comment)}</comment><model>wikitext</model>"
                '<format>text/x-wiki</format><text xml:space="preserve">'
                f"{escape(revision.text)}</text></revision>"
            )
        parts.append("</page>")
    return "".join([*parts, "</mediawiki>"]).encode()
