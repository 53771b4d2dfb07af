"""Exports of a mirror in which pages were edited since: what a sync finds when a community is at work."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from benchmarks.speed_collections import open_collection

_EDITED = 20
_HEAD = """<mediawiki xmlns="http://www.mediawiki.org/xml/export-0.11/" version="0.11" xml:lang="fr">
<siteinfo><sitename>{name}</sitename><base>{base}</base><generator>MediaWiki 1.39.17</generator>
<case>first-letter</case><namespaces><namespace key="0" case="first-letter" /></namespaces></siteinfo>
"""


def write_edited_export(folder: Path, place: Path) -> Iterator[Path]:
    """Yield exports without end, each with other pages edited than the one before, and all edits up to then.

    Args:
        folder: the data folder with the mirror.
        place: where the exports are written; each replaces the one before.
    """
    services = open_collection(folder)
    pages = list(services.store.pages.iterate(redirects=True))
    site = services.store.site.get()
    services.close()
    assert site is not None
    head = _HEAD.format(
        name=escape(site.name), base=f"{site.server_url}{site.article_path.replace('$1', 'Main_Page')}"
    )
    newest = max(page.revid for page in pages)
    edits: dict[int, tuple[int, int, datetime]] = {}
    path = place / "edited.xml"
    for turn in count(1):
        now = datetime.now(UTC) - timedelta(seconds=1)
        for page in (pages[(turn * _EDITED + n) % len(pages)] for n in range(_EDITED)):
            newest += 1
            edits[page.pageid] = (newest, turn, now)
        with path.open("w", encoding="utf-8") as file:
            file.write(head)
            for page in pages:
                revid, edited, moment = edits.get(page.pageid, (page.revid, 0, page.timestamp))
                text = page.wikitext + (f"\n\nRelu pour la {edited}e fois." if edited else "")
                title = escape(page.title[:1].upper() + page.title[1:])
                file.write(
                    f"<page><title>{title}</title><ns>0</ns><id>{page.pageid}</id><revision><id>{revid}</id>"
                    f"<timestamp>{moment:%Y-%m-%dT%H:%M:%SZ}</timestamp>"
                    "<contributor><username>Member 1</username><id>1</id></contributor>"
                    "<model>wikitext</model><format>text/x-wiki</format>"
                    f"<text bytes={quoteattr(str(len(text.encode())))} "
                    f'xml:space="preserve">{escape(text)}</text></revision></page>\n'
                )
            file.write("</mediawiki>\n")
        yield path
