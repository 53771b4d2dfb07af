"""Saving what somebody else changed in ways that a timestamp, or a title, would not tell."""

import pytest

from connector.errors import EditConflictError
from connector.wiki import MediaWiki, PageEdit, WikiSettings
from tests.mediawiki import LocalWiki

AUTHOR = "Odile Garance"
FOUR_LINES = "Un.\n\nDeux.\n\nTrois.\n\nQuatre."


def edit(title: str, text: str, *, base: int | None = None) -> PageEdit:
    return PageEdit(title=title, wikitext=text, summary="Depuis les notes", base_revid=base)


def log_in(wiki: LocalWiki) -> MediaWiki:
    login, password = wiki.create_bot_password(AUTHOR, "compagnon")
    member = MediaWiki(WikiSettings(api_url=wiki.api_url, user=login, password=password))
    assert member.user == AUTHOR
    return member


@pytest.mark.parametrize("rival", ["Admin", AUTHOR])
def test_the_same_line_changed_within_the_same_second_is_a_conflict(
    fresh_wiki: LocalWiki, rival: str
) -> None:
    """A timestamp could not tell: on this wiki the clock stands still."""
    wiki, member = fresh_wiki, log_in(fresh_wiki)
    wiki.configure("Wikimedia\\Timestamp\\ConvertibleTimestamp::setFakeTime( '20300101120000' );")
    base = wiki.edit("Horloge", FOUR_LINES)
    theirs = FOUR_LINES.replace("Deux.", "Deux par un autre.")
    wiki.edit("Horloge", theirs, user=rival)
    with pytest.raises(EditConflictError, match="changed"):
        member.save(edit("Horloge", FOUR_LINES.replace("Deux.", "Deux par moi."), base=base.revid))
    assert wiki.text("Horloge") == theirs
    assert len({revision["timestamp"] for revision in wiki.revisions("Horloge")}) == 1
    with pytest.raises(EditConflictError, match="exists already"):
        member.save(edit("Horloge", "Le mien."))
    wiki.delete("Horloge")
    with pytest.raises(EditConflictError, match="deleted"):
        member.save(edit("Horloge", FOUR_LINES, base=base.revid))
    assert wiki.edit("Horloge", "Refaite.").pageid != base.pageid


def test_a_page_that_was_made_anew_since_is_not_overwritten(fresh_wiki: LocalWiki) -> None:
    wiki, member, title = fresh_wiki, log_in(fresh_wiki), "Fiche"
    base = wiki.edit(title, FOUR_LINES)
    wiki.delete(title)
    again = wiki.edit(title, "Une autre page.")
    with pytest.raises(EditConflictError):
        member.save(edit(title, FOUR_LINES + "\n\nCinq.", base=base.revid))
    assert wiki.text(title) == "Une autre page."
    assert again.pageid != base.pageid


def test_a_page_that_moved_away_is_not_made_again(fresh_wiki: LocalWiki) -> None:
    wiki, member, title = fresh_wiki, log_in(fresh_wiki), "Fiche"
    base = wiki.edit(title, FOUR_LINES)
    wiki.move(title, f"{title} (ailleurs)")  # a redirect stands in its place
    with pytest.raises(EditConflictError):
        member.save(edit(title, FOUR_LINES + "\n\nCinq.", base=base.revid))
    assert wiki.text(title).startswith("#REDIRECTION")
    assert wiki.text(f"{title} (ailleurs)") == FOUR_LINES
