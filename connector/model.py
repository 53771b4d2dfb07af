"""What a wiki is made of, as frozen values: site, page, revision, section, link.

Field names follow MediaWiki's own (https://www.mediawiki.org/wiki/Manual:Database_layout): a page is known by
its `pageid`, a revision by its `revid`; a title is an attribute, because pages move.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import quote

# Characters that MediaWiki leaves unencoded in page addresses (wfUrlencode, includes/GlobalFunctions.php).
_URL_SAFE = ";@$!*(),/~:-_."


@dataclass(frozen=True, slots=True, kw_only=True)
class Namespace:
    """One namespace of a wiki."""

    id: int
    name: str
    """The local name, in the wiki's language; empty for the main namespace."""
    canonical: str = ""
    """The English name that every wiki understands ("Template", "User talk")."""
    aliases: tuple[str, ...] = ()
    content: bool = False
    """Whether the wiki counts its pages as content."""
    case: str = "first-letter"
    """`first-letter` (the first letter of a title is always a capital) or `case-sensitive`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """The wiki itself, as its siteinfo describes it."""

    name: str
    language: str
    """The content language, as a MediaWiki language code ("fr", "en")."""
    server_url: str
    """Scheme and host, without a closing slash: `https://wiki.example.org`."""
    article_path: str = "/wiki/$1"
    script_path: str = "/w"
    namespaces: Mapping[int, Namespace] = field(default_factory=dict)
    private: bool = False
    """Whether reading needs an account."""
    page_count: int = 0
    """Pages as the wiki's statistics count them, in all namespaces: an estimate; 0 when unknown."""
    edit_count: int = 0
    """Revisions likewise."""
    extensions: tuple[str, ...] = ()
    """Names of the extensions that it has ("Cite"), sorted; none when it does not say (a file)."""
    main_page: str = ""
    """Title of the page that visitors meet first; empty when unknown."""

    def page_url(self, title: str, *, anchor: str = "") -> str:
        """Return the address of a page, or of one of its sections when `anchor` is given."""
        path = self.article_path.replace("$1", quote(title.replace(" ", "_"), safe=_URL_SAFE))
        return f"{self.server_url}{path}" + (f"#{quote(anchor, safe=_URL_SAFE)}" if anchor else "")

    def edit_url(self, title: str, *, with_suggestions: bool = False) -> str:
        """Return the address of the page's edit form.

        Args:
            title: of the page.
            with_suggestions: with the panel of suggested links open, where the wiki has our extension.
        """
        name = quote(title.replace(" ", "_"), safe=_URL_SAFE)
        opening = "&compagnonlinks=1" if with_suggestions else ""
        return f"{self.server_url}{self.script_path}/index.php?title={name}&action=edit{opening}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PageHead:
    """What a sweep needs to know of a page: enough to see whether the mirror's copy is current."""

    pageid: int
    namespace: int
    title: str
    revid: int
    touched: datetime | None = None
    """When its rendering last became stale: an edit of it, or of a template it uses; None when unknown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page with the text of its newest revision."""

    pageid: int
    namespace: int
    title: str
    """Full title with its namespace, spaces and not underscores: "Discussion:Grille-pain"."""
    revid: int
    timestamp: datetime
    """When the newest revision was saved (UTC, aware)."""
    wikitext: str
    redirect_target: str | None = None
    """Title of the page that this one redirects to."""
    content_model: str = "wikitext"


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """One saved state of a page, without its text: who, when, how much."""

    revid: int
    pageid: int
    timestamp: datetime
    parent_revid: int | None = None
    user: str | None = None
    """Author's name; None where the wiki hides it."""
    user_id: int | None = None
    comment: str = ""
    size: int = 0
    """Length of the text in bytes."""
    sha1: str = ""
    minor: bool = False
    tags: tuple[str, ...] = ()

    @property
    def anonymous(self) -> bool:
        """Whether the author is an address and not an account."""
        return self.user is not None and not self.user_id


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedEvent:
    """What the wiki's public log tells of a page: deleted, restored, moved, imported, merged, hidden in part.

    https://www.mediawiki.org/wiki/API:Logevents. Titles are those of then; None where the wiki hides them.

    `pageid` is the API's `logpage`, seen on MediaWiki 1.39: the id that the page had when it was deleted, the
    one that it has again when it is restored (of a page that was made anew meanwhile, that page's), the moved
    page's own and not its redirect's, and the page itself where revisions of it are hidden or imported. (The
    API's `pageid` is whoever bears the title now, or 0.) None where the event is hidden, and where it is
    about no page: accounts, other log entries.
    """

    logid: int
    type: str
    """`delete`, `move`, `import`, `merge` ... as the log calls it."""
    action: str
    """`delete`, `restore`, `revision`, `move_redir` ..."""
    timestamp: datetime
    pageid: int | None = None
    """The page's id as the log kept it; None when it kept none (0)."""
    title: str | None = None
    target_title: str | None = None
    """Where a page was moved, or merged, to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageLinks:
    """What a page leads to as the wiki has worked it out, what its templates bring included."""

    pageid: int
    categories: tuple[str, ...] = ()
    """Titles with their namespace ("Catégorie:Outils"), sorted."""
    links: tuple[str, ...] = ()
    """Titles of pages of this wiki, existing or not, sorted."""
    templates: tuple[str, ...] = ()
    """Titles of the pages that it includes, directly or not, sorted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TextHash:
    """The wiki's own checksum of a page's newest text."""

    pageid: int
    revid: int
    sha1: str
    """SHA-1 of the text in UTF-8, 40 hexadecimal digits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendering:
    """A page as the wiki renders it."""

    pageid: int
    revid: int
    html: str
    """The content's HTML, without edit links."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WikiLink:
    """A link to another page of the wiki, where it stands in the wikitext."""

    target: str
    """Normalized title (first letter as the namespace wants it, spaces, no fragment)."""
    link_text: str
    """What the reader sees."""
    wikitext_offset: int
    """Where `[[` stands, in characters from the start of the page's wikitext."""
    length: int
    """Length of the whole link in the wikitext, in characters."""
    fragment: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A section of a page as a reader reads it: plain text, without markup."""

    heading: str
    """The heading's plain text; empty for what stands before the first heading."""
    level: int
    """1 to 6 as in `== x ==` (2); 0 for what stands before the first heading."""
    anchor: str
    """Fragment that leads to the section; empty for what stands before the first heading."""
    path: tuple[str, ...]
    """Headings from the outermost to this one."""
    text: str
    """Plain text: paragraphs apart by an empty line, list items after "- ", table cells apart by " | "."""
    wikitext_offset: int = 0
    """Where the section starts in the wikitext, in characters."""
