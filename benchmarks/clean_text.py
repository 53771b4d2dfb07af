"""Clean text from wikitext, measured against the wiki's own rendering of real pages.

    python -m benchmarks.clean_text FOLDER... [--pages N] [--wikis FOLDER]

Each FOLDER holds wikis, one a folder whose name begins with its language (`en-...`, `fr-...`): `pages.tar.xz`
(a file of wikitext a page, named after it) or an XML export (`*.bz2`). The newest texts are imported into a
local MediaWiki with the extensions that the Debian package has, and each page that is no redirect is asked
for with action=parse. That rendering, read by `connector.rendering`, is the oracle; what `connector.wikitext`
makes of the page's wikitext is measured against it, in words (letters and digits, in any case), as multisets:

    kept     the share of the oracle's words that ours has too
    true     the share of our words that the oracle has too

The oracle leaves out navigation boxes (and the table of contents, which is one), edit links, references'
numbers, and what is hidden. It keeps all else: references, notices, file captions.

The exports came without three things, and in the rendering stands a red link for each:

- Templates. Their red links ("Template:BZ") are the import's and not the page's, and nobody can tell any more
  what the template would have shown. So the calls of templates that the wiki does not have are taken out on
  both sides: the red link from the oracle, the call from the wikitext before ours reads it. What ours makes
  of calls is tested where the templates are there (tests/test_connector_rendering.py). The column "as it is"
  counts everything on both sides: the red links lost, the parameters' words added.
- Pictures. A picture that is there has no words; the red link that stands for a missing one is its file's
  name (or its caption where none would be shown), and is left out by `connector.rendering`.
- Lua modules and interface pages: no page here calls them but through a template.

Nothing else is excused. Pages without any word in the oracle are left out, and counted.
"""

import argparse
import bz2
import re
import statistics
import sys
import tarfile
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import mwparserfromhell
from bs4 import BeautifulSoup
from defusedxml import ElementTree

from benchmarks.wikis import SourcePage, SourceRevision, build_real_wiki
from connector.model import Namespace, Section, Site
from connector.rendering import read_rendering
from connector.titles import normalize_title
from connector.wikitext import parse
from tests.mediawiki import LocalWiki

_EXTENSIONS = (
    *(
        "Cite",
        "ParserFunctions",
        "Scribunto",
        "SyntaxHighlight_GeSHi",
        "Math",
        "Poem",
        "ImageMap",
        "InputBox",
    ),
    *("CategoryTree", "TemplateData"),
)
_SETTINGS = r"""
# Math asks a server in the net but for this: formulas are shown as they are written, unchecked.
$wgMathDisableTexFilter = 'always';
$wgHooks['UserGetDefaultOptions'][] = static function ( &$options ) { $options['math'] = 'source'; };
# As on Wikimedia's wikis, and by default later: missing pictures can be told from links.
$wgParserEnableLegacyMediaDOM = false;
# What the import kept of the pages was read without the extensions.
$wgParserCacheType = CACHE_NONE;
$wgPreprocessorCacheThreshold = PHP_INT_MAX;
"""
_WORD = re.compile(r"\w+")
_REDIRECT = re.compile(r"\s*#REDIREC", re.IGNORECASE)
_WORST = 10
_DAY = "2020-01-01T00:00:00Z"


@dataclass(frozen=True, slots=True)
class Rendered:
    """A page as the wiki has it and as the wiki shows it."""

    title: str
    wikitext: str
    html: str
    missing: tuple[str, ...]
    """Titles of the pages that it transcludes and that the wiki does not have."""


@dataclass(frozen=True, slots=True)
class Measured:
    """How our text of a page compares with the oracle's."""

    title: str
    kept: float
    true: float
    kept_as_is: float
    true_as_is: float
    seconds: float
    lost: Counter[str]
    added: Counter[str]
    anchors_equal: bool


def read_pages(folder: Path) -> Iterator[SourcePage]:
    """Yield the newest texts of one wiki's pages, no redirects and no other namespaces of another wiki."""
    texts = _read_archive(folder / "pages.tar.xz") if (folder / "pages.tar.xz").exists() else None
    for title, text in texts or _read_exports(folder):
        if not _REDIRECT.match(text):
            yield SourcePage(title, (SourceRevision(_DAY, "Import", "", text),))


def _read_archive(path: Path) -> Iterator[tuple[str, str]]:
    with tarfile.open(path) as archive:
        for member in archive:
            file = archive.extractfile(member)
            if file is not None:
                title = unquote(Path(member.name).name.removesuffix(".mw")).replace("_", " ")
                yield title, file.read().decode("utf-8")


def _read_exports(folder: Path) -> Iterator[tuple[str, str]]:
    for path in sorted(folder.glob("*.bz2")):
        with bz2.open(path) as file:
            root = ElementTree.parse(file).getroot()
        assert root is not None
        space = root.tag.partition("}")[0] + "}"
        for page in root.iter(f"{space}page"):
            if page.findtext(f"{space}ns") == "0":
                revision = page.findall(f"{space}revision")[-1]
                yield page.findtext(f"{space}title", ""), revision.findtext(f"{space}text", "")


def render_all(wiki: LocalWiki) -> Iterator[Rendered]:
    """Ask a wiki for the rendering of each of its pages that is no redirect."""
    session = wiki.session()
    following: dict[str, str] = {}
    while True:
        options = {"list": "allpages", "apfilterredir": "nonredirects", "aplimit": 500} | following
        reply = session.ask("query", **options)
        for page in reply["query"]["allpages"]:
            parsed = session.ask(
                "parse",
                pageid=page["pageid"],
                prop=["text", "wikitext", "templates"],
                disabletoc=True,
                disablelimitreport=True,
            )["parse"]
            missing = tuple(entry["title"] for entry in parsed["templates"] if not entry["exists"])
            yield Rendered(page["title"], parsed["wikitext"], parsed["text"], missing)
        if "continue" not in reply:
            return
        following = {"apcontinue": reply["continue"]["apcontinue"]}


def read_site(wiki: LocalWiki) -> Site:
    """Read what the cleaner has to know about a wiki."""
    options = {"meta": "siteinfo", "siprop": ["general", "namespaces", "namespacealiases"]}
    query = wiki.session().ask("query", **options)["query"]
    aliases: dict[int, list[str]] = {}
    for entry in query["namespacealiases"]:
        aliases.setdefault(entry["id"], []).append(entry["alias"])
    namespaces = {
        entry["id"]: Namespace(
            id=entry["id"],
            name=entry["name"],
            canonical=entry.get("canonical", ""),
            aliases=tuple(aliases.get(entry["id"], ())),
            case=entry["case"],
        )
        for entry in query["namespaces"].values()
        if entry["id"] >= 0
    }
    general = query["general"]
    return Site(
        name=general["sitename"],
        language=general["lang"],
        server_url=general["server"],
        namespaces=namespaces,
    )


def measure(page: Rendered, *, site: Site) -> Measured | None:
    """Compare our text of a page with the wiki's; None when the wiki shows no word."""
    whole = read_rendering(page.html)
    oracle, sections = whole, None
    wikitext = page.wikitext
    if page.missing:
        oracle = read_rendering(_without_red_templates(page.html, page.missing))
        wikitext = _without_calls(page.wikitext, page.missing, site=site)
    start = time.process_time()
    sections = parse(page.wikitext, site=site).sections
    seconds = time.process_time() - start
    theirs, ours = _words(oracle), _words(parse(wikitext, site=site).sections)
    whole_theirs, whole_ours = _words(whole), _words(sections)
    if not theirs:
        return None
    return Measured(
        title=page.title,
        kept=_share(theirs, ours),
        true=_share(ours, theirs),
        kept_as_is=_share(whole_theirs, whole_ours),
        true_as_is=_share(whole_ours, whole_theirs),
        seconds=seconds,
        lost=theirs - ours,
        added=ours - theirs,
        anchors_equal=[s.anchor for s in sections] == [s.anchor for s in whole],
    )


def _words(sections: Sequence[Section]) -> Counter[str]:
    text = "\n".join(f"{section.heading}\n{section.text}" for section in sections)
    return Counter(_WORD.findall(text.casefold()))


def _share(words: Counter[str], others: Counter[str]) -> float:
    return (words & others).total() / words.total() if words else 1.0


def _without_red_templates(html: str, missing: Sequence[str]) -> str:
    soup = BeautifulSoup(html, "html.parser")
    for link in soup.find_all("a", class_="new"):
        query = parse_qs(urlsplit(str(link.get("href", ""))).query)
        title = query.get("title", [""])[0].replace("_", " ")
        text = link.get_text().removeprefix(":")
        if title in missing and text.startswith(title):
            link.replace_with(text[len(title) :])  # what follows a link at once stands in it
    return str(soup)


def _without_calls(wikitext: str, missing: Sequence[str], *, site: Site) -> str:
    code = mwparserfromhell.parse(wikitext)
    template_prefix = site.namespaces[10].name + ":"
    for call in code.filter_templates(recursive=code.RECURSE_OTHERS):
        name = str(mwparserfromhell.parse(str(call.name)).strip_code()).strip()
        try:
            title = normalize_title(name if ":" in name else template_prefix + name, site=site)
        except ValueError:
            continue
        if title in missing:
            code.remove(call)
    return str(code)


def _percentile(values: Sequence[float], percent: int) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)]


def print_table(measured: dict[str, list[Measured]]) -> None:
    """Print the figures as a Markdown table, a row a wiki and one of them all."""
    print("| wiki | pages | | median | mean | 10th percentile | median as it is | ms a page | same anchors |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    rows = measured | {"all": [page for pages in measured.values() for page in pages]}
    for name, pages in rows.items():
        for measure_name in ("kept", "true"):
            values = [getattr(page, measure_name) for page in pages]
            as_is = [getattr(page, f"{measure_name}_as_is") for page in pages]
            print(
                f"| {name} | {len(pages)} | {measure_name} | {statistics.median(values):.4f}"
                f" | {statistics.mean(values):.4f} | {_percentile(values, 10):.4f}"
                f" | {statistics.median(as_is):.4f}"
                f" | {1000 * statistics.mean(page.seconds for page in pages):.1f}"
                f" | {sum(page.anchors_equal for page in pages)} |"
            )


def print_worst(measured: dict[str, list[Measured]]) -> None:
    """Print the worst pages of both measures, with the words that make them so."""
    pages = [(name, page) for name, of_wiki in measured.items() for page in of_wiki]
    for measure_name, words in (("kept", "lost"), ("true", "added")):
        print(f"\nThe worst of '{measure_name}', and the words {words}:")
        for name, page in sorted(pages, key=lambda pair: getattr(pair[1], measure_name))[:_WORST]:
            most = ", ".join(f"{word}*{number}" for word, number in getattr(page, words).most_common(12))
            print(f"  {getattr(page, measure_name):.3f}  {name}: {page.title}: {most}")


def render_folder(folder: Path, *, work: Path, limit: int | None) -> tuple[Site, list[Rendered]]:
    """Import a folder's pages into a wiki below `work`, and have it render them."""
    language = folder.name.partition("-")[0]
    wiki = build_real_wiki(work / folder.name, list(read_pages(folder))[:limit], language=language)
    try:
        # As Wikimedia's wikis have it, and MediaWiki 1.40: missing pictures can be told from links.
        # Stopped: a server that runs may go on with settings that changed within the second.
        wiki.stop()
        for extension in _EXTENSIONS:
            wiki.enable_extension(extension)
        wiki.configure(_SETTINGS)
        wiki.start()
        site, pages = read_site(wiki), list(render_all(wiki))
    finally:
        wiki.stop()
    return site, pages


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, and return 0."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER")
    parser.add_argument("--pages", type=int, help="at most so many pages of each wiki")
    options = parser.parse_args(arguments)
    measured: dict[str, list[Measured]] = {}
    with tempfile.TemporaryDirectory() as temporary:
        for folder in sorted(
            path for parent in options.folders for path in parent.iterdir() if path.is_dir()
        ):
            site, pages = render_folder(folder, work=Path(temporary), limit=options.pages)
            results = [measure(page, site=site) for page in pages]
            measured[folder.name] = [result for result in results if result is not None]
            print(f"{folder.name}: {len(pages)} pages, {results.count(None)} without a word", file=sys.stderr)
    print_table(measured)
    print_worst(measured)
    return 0


if __name__ == "__main__":
    sys.exit(main())
