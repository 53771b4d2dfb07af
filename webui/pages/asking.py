"""Where a question can be asked in the wiki, when no page answers it."""

import re
from dataclasses import dataclass
from urllib.parse import quote

from connector.model import Site

# Of a heading in the wiki; its form takes more, its readers do not.
_LONGEST_HEADING = 200
# What MediaWiki takes in no title (https://www.mediawiki.org/wiki/Manual:Page_title), or leads elsewhere.
_NO_TITLE = re.compile(r"[\[\]{}|#<>:/\x00-\x1f\x7f]")
_TALK, _PROJECT_TALK = 1, 5
# What a wiki's menu calls its community page when nobody has changed it (the message MediaWiki:Portal-url).
_COMMUNITY_PAGES = {"fr": "Accueil", "en": "Community portal"}


@dataclass(frozen=True, slots=True)
class AskingPlace:
    """A talk page of the wiki."""

    title: str
    """Of the talk page."""
    url: str
    """Of its form for a new section; the question is its heading already."""


def talk_of(site: Site, title: str, question: str) -> AskingPlace | None:
    """Return the talk page of a page, or None for one that has none."""
    name, _, rest = title.partition(":")
    number = next((each.id for each in site.namespaces.values() if rest and each.name == name), 0)
    if number < 0 or number % 2:
        return None
    talk = site.namespaces.get(number + _TALK)
    return None if talk is None else _place(site, f"{talk.name}:{rest if number else title}", question)


def community_talk(site: Site, question: str) -> AskingPlace:
    """Return the talk page of the wiki's community page."""
    talk = site.namespaces.get(_PROJECT_TALK)
    page = _COMMUNITY_PAGES.get(site.language.partition("-")[0], _COMMUNITY_PAGES["en"])
    # The canonical name is understood by every wiki, whatever its language.
    return _place(site, f"{talk.name if talk else 'Project talk'}:{page}", question)


def new_page(site: Site, question: str) -> AskingPlace | None:
    """Return the page on which somebody may write the answer, titled as the question; None for no title."""
    title = " ".join(_NO_TITLE.sub(" ", question).split()).rstrip("?!.… ")
    title = title[:_LONGEST_HEADING].strip()
    if not title:
        return None
    summary = quote(question[:_LONGEST_HEADING], safe="")
    return AskingPlace(title, f"{site.edit_url(title)}&summary={summary}")


def _place(site: Site, title: str, question: str) -> AskingPlace:
    heading = quote(question[:_LONGEST_HEADING], safe="")
    return AskingPlace(title, f"{site.edit_url(title)}&section=new&preloadtitle={heading}")
