"""`compagnon wiki-setup --gadget`."""

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import click

from webui.commands.output import plural, say
from webui.gadget import make_gadget
from webui.gadget_setup import GadgetStep, gadget_pages, install_gadget, plan_gadget

if TYPE_CHECKING:
    from connector.model import Site
    from connector.wiki import MediaWiki
    from webui.gadget_setup import GadgetPage

_WORK = {"create": "To be made", "update": "To be updated", "none": "There already"}


def show_gadget(site: "Site", *, public_url: str | None) -> None:
    """Print the gadget's pages, to be pasted by hand.

    Raises:
        ConfigError: a gadget could not work in this wiki.
    """
    for page in _pages(site, public_url):
        addition = " (one more line)" if page.kind == "list" else ""
        say(f"-------- {page.title}{addition}", bold=True)
        click.echo(page.wanted)  # as it is, tabs too: it is ours


def set_up_gadget(wiki: "MediaWiki", *, public_url: str | None, yes: bool) -> None:
    """Put the gadget into a wiki, or bring it up to date there, after a person has said yes.

    Raises:
        ConfigError: a gadget could not work in this wiki, or a page of that name is somebody else's.
        EditConflictError: a page changed again and again meanwhile.
        EditRefusedError: the wiki refuses a page.
        WikiLoginError: the account may not install gadgets.
        WikiUnavailableError: the wiki does not answer.
    """
    site = wiki.site()
    plan = plan_gadget(wiki, _pages(site, public_url))
    for step in plan:
        say(f"{_WORK[step.work]}: {step.page.title}")
    count = sum(step.work != "none" for step in plan)
    if count and not yes:
        click.confirm(f"Write {plural(count, 'page')} in {site.name}?", abort=True)
    for page, saved in install_gadget(plan, wiki=wiki):
        said = "There in the meantime" if saved is None else "Written"
        say(f"{said}: {site.page_url(page.title)}")
    _tell_what_follows(plan, site)


def _pages(site: "Site", public_url: str | None) -> tuple["GadgetPage", ...]:
    gadget = make_gadget(service_url=public_url, site=site)
    return gadget_pages(gadget, site=site, host=urlsplit(public_url or "").netloc)


def _tell_what_follows(plan: tuple[GadgetStep, ...], site: "Site") -> None:
    if any(step.switched_off for step in plan):
        say("Somebody has put the gadget's line into a comment: it stays switched off until that is undone.")
        return
    preferences = f"{site.page_url('Special:Preferences')}#mw-prefsection-gadgets"
    say(f"Each member switches it on, at {preferences}")
    say("For all, readers without an account too: write |default after ResourceLoader in the gadget's line.")
