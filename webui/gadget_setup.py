"""Putting the gadget into a wiki: what would be done, and doing it. Only what is ours is written over."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from capture.publishing import CHANGE_TAG
from capture.wiki_setup_texts import known_language
from connector.errors import ConfigError, EditConflictError, PageNotFoundError, WikiLoginError
from connector.model import Page, Site
from connector.replies import WIKITEXT
from connector.titles import title_in
from connector.wiki import PageEdit, PageWriter, SavedEdit
from webui.gadget import FIRST_LINE, NAME, Gadget

_NAMESPACE = 8
_RIGHTS = ("editinterface", "editsitejs", "editsitecss")
_SUMMARIES = {
    "en": "Compagnon’s gadget, by {person} with Compagnon",
    "fr": "Gadget de Compagnon, par {person} avec Compagnon",
}
_DESCRIPTIONS = {
    "en": "Compagnon: suggested links while you edit, related practices and people below each page. "
    "For that, {host} is told which page you read, and sent the text that you edit.",
    "fr": "Compagnon : des liens suggérés pendant la rédaction, les pratiques et les personnes proches au "
    "bas de chaque page. Pour cela, {host} apprend quelle page vous lisez, et reçoit le texte que vous "
    "modifiez.",
}
# As the extension reads its list (MediaWikiGadgetsDefinitionRepo::newFromDefinition and listFromDefinition).
_LINE = re.compile(r"\*+ *([a-zA-Z](?:[-_:.\w ]*[a-zA-Z0-9])?)(?:\s*\[.*?\])?\s*((?:\|[^|]*)+)\s*")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)

Kind = Literal["script", "style", "description", "list"]
_MODELS: Mapping[Kind, str] = {"script": "javascript", "style": "css"}


class GadgetWiki(PageWriter, Protocol):
    """What installing the gadget needs of a live wiki."""

    @property
    def rights(self) -> frozenset[str]:
        """See `connector.wiki.MediaWiki.rights`."""
        ...

    def site(self) -> Site:
        """See `connector.wiki.Wiki.site`."""
        ...

    def current(self, title: str, *, content_model: str = ...) -> Page:
        """See `connector.wiki.MediaWiki.current`."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class GadgetPage:
    """A page that the gadget consists of."""

    kind: Kind
    title: str
    wanted: str
    """What it is to say; of the list of gadgets, one line."""

    @property
    def content_model(self) -> str:
        """What kind of text the wiki has there."""
        return _MODELS.get(self.kind, WIKITEXT)


@dataclass(frozen=True, slots=True, kw_only=True)
class GadgetStep:
    """A page of the gadget, and what is to be done with it."""

    page: GadgetPage
    work: Literal["create", "update", "none"]
    text: str
    """The whole text that the page has afterwards."""
    base_revid: int | None
    """The revision that it was found at; None for a page that is missing."""
    switched_off: bool = False
    """Whether somebody has put the gadget's line into a comment."""


def gadget_pages(gadget: Gadget, *, site: Site, host: str) -> tuple[GadgetPage, ...]:
    """Return the gadget's pages in the order of making: the list of gadgets is last, what it lists is there.

    Args:
        gadget: the texts.
        site: the wiki.
        host: the service's name, told to the users.
    """
    description = _DESCRIPTIONS[known_language(site.language)].format(host=host)
    return (
        GadgetPage(kind="script", title=_title(site, f"Gadget-{NAME}.js"), wanted=gadget.script),
        GadgetPage(kind="style", title=_title(site, f"Gadget-{NAME}.css"), wanted=gadget.style),
        GadgetPage(kind="description", title=_title(site, f"Gadget-{NAME}"), wanted=description),
        GadgetPage(kind="list", title=_title(site, "Gadgets-definition"), wanted=gadget.definition),
    )


def plan_gadget(wiki: GadgetWiki, pages: Sequence[GadgetPage]) -> tuple[GadgetStep, ...]:
    """Compare what the wiki has with what it needs; nothing is written.

    Raises:
        ConfigError: the wiki has no gadgets, or has a page of that name which is somebody else's.
        WikiLoginError: the account may not install gadgets.
        WikiUnavailableError: the wiki does not answer.
    """
    site = wiki.site()
    if "Gadgets" not in site.extensions:
        raise ConfigError(
            f"{site.name} has no gadgets: its administrator adds wfLoadExtension( 'Gadgets' ); to "
            "LocalSettings.php (the extension comes with MediaWiki)"
        )
    if not wiki.user:
        raise WikiLoginError("the gadget needs an account: give a bot password of the wiki (--user Name@app)")
    if lacking := [right for right in _RIGHTS if right not in wiki.rights]:
        raise WikiLoginError(
            f"{wiki.user} may not install gadgets here, for want of {', '.join(lacking)}: it takes an "
            "interface administrator, and the grants “Edit sitewide and user CSS/JS” and “Create, edit, "
            "and move pages”",
            user=wiki.user,
        )
    return tuple(_plan(wiki, page) for page in pages)


def install_gadget(
    plan: Sequence[GadgetStep], *, wiki: GadgetWiki
) -> Iterator[tuple[GadgetPage, SavedEdit | None]]:
    """Write what is to be written, under the account's own name.

    A page that changed since it was looked at is looked at once more, and written on that.

    Yields:
        Each page that was to be written, and its revision; None for one that needs nothing any more.

    Raises:
        ConfigError: a page became somebody else's meanwhile.
        EditConflictError: a page changed again; what was yielded before is done.
        EditRefusedError: the wiki refuses a page.
        WikiLoginError: the account may not write it.
        WikiUnavailableError: the wiki does not answer.
    """
    for step in plan:
        if step.work == "none":
            continue
        try:
            saved: SavedEdit | None = _save(wiki, step)
        except EditConflictError:
            saved = None
        if saved is None or saved.merged:
            # Somebody has saved the page as well: is there what is meant?
            again = _plan(wiki, step.page)
            saved = saved if again.work == "none" else _save(wiki, again)
        yield step.page, saved


def listed(text: str, line: str) -> tuple[str, bool]:
    """Put a gadget's line into a list of gadgets, after the last one; every other line stays as it is.

    A list that has the gadget already stays as it is, whatever its options are: they are the community's.

    Args:
        text: of MediaWiki:Gadgets-definition.
        line: the gadget's, without a line end.

    Returns:
        The text, and whether somebody has switched the gadget off by putting its line into a comment.

    Raises:
        ConfigError: the list has another gadget of that name.
    """
    name = _read_line(line)
    for each in _COMMENT.sub("", text).split("\n"):
        if _read_line(each) == name:
            if f"|{NAME}.js" not in each.replace(" ", ""):
                raise ConfigError(f"the wiki has another gadget that is called “{NAME}”: it was left alone")
            return text, False
    comments = [found.span() for found in _COMMENT.finditer(text)]
    place = 0
    end = -1
    for each in text.split("\n"):
        start, end = end + 1, end + 1 + len(each)
        hidden = any(first <= start < last for first, last in comments)
        if hidden and _read_line(each.removeprefix("<!--").removesuffix("-->").strip()) == name:
            return text, True
        if not hidden and _read_line(_COMMENT.sub("", each)) is not None:
            place = end
    for first, last in comments:
        if first < place < last:  # a comment that begins in that line and goes on
            place = text.find("\n", last) if "\n" in text[last:] else len(text)
    if place == 0:
        return f"{text}\n{line}" if text else line, False
    return f"{text[:place]}\n{line}{text[place:]}", False


def _read_line(line: str) -> str | None:
    found = _LINE.fullmatch(line)
    return found[1].replace(" ", "_") if found else None


def _plan(wiki: GadgetWiki, page: GadgetPage) -> GadgetStep:
    try:
        found = wiki.current(page.title, content_model=page.content_model)
    except PageNotFoundError:
        return GadgetStep(page=page, work="create", text=page.wanted, base_revid=None)
    text, switched_off = found.wikitext, False
    if page.kind == "list":
        text, switched_off = listed(found.wikitext, page.wanted)
    elif page.kind in ("script", "style") and found.wikitext != page.wanted:
        if not found.wikitext.startswith(FIRST_LINE):
            raise ConfigError(
                f"{page.title} is there and not Compagnon’s (it does not begin with “{FIRST_LINE}”): nothing "
                "was written; move it away first"
            )
        text = page.wanted
    work: Literal["update", "none"] = "none" if text == found.wikitext else "update"
    return GadgetStep(page=page, work=work, text=text, base_revid=found.revid, switched_off=switched_off)


def _save(wiki: GadgetWiki, step: GadgetStep) -> SavedEdit:
    summary = _SUMMARIES[known_language(wiki.site().language)].format(person=wiki.user)
    return wiki.save(
        PageEdit(
            title=step.page.title,
            namespace=_NAMESPACE,
            content_model=step.page.content_model,
            wikitext=step.text,
            summary=summary,
            base_revid=step.base_revid,
            tags=(CHANGE_TAG,),
        )
    )


def _title(site: Site, name: str) -> str:
    return title_in(site, _NAMESPACE, name, canonical="MediaWiki")
