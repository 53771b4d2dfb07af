"""`compagnon wiki-setup`."""

import os
from typing import TYPE_CHECKING

import click

from webui.commands.options import pass_config
from webui.commands.output import plural, say
from webui.commands.password_prompt import ask_for_password
from webui.commands.wiki_extension import show_extension
from webui.config import Config

if TYPE_CHECKING:
    from connector.model import Site
    from connector.wiki import MediaWiki
    from webui.bootstrap import Services


@click.command("wiki-setup", short_help="Make the wiki ready for practice pages.")
@click.option(
    "--user",
    metavar="NAME@APP",
    help="Account that makes the pages, as a bot password; the one that reads the wiki when left out.",
)
@click.option(
    "--gadget",
    is_flag=True,
    help="Instead, put the panel and the box into the wiki as a gadget, or bring it up to date.",
)
@click.option(
    "--extension",
    is_flag=True,
    help="Instead, print the lines that enable the extension in the wiki's LocalSettings.php.",
)
@click.option("--show", is_flag=True, help="Print the texts, to be pasted by hand; nothing is written.")
@click.option("--yes", is_flag=True, help="Do not ask before the pages are made.")
@pass_config
def wiki_setup(
    config: Config, *, user: str | None, gadget: bool, extension: bool, show: bool, yes: bool
) -> None:
    """Make what practice pages need in the wiki: a template, its documentation, categories.

    They are in the wiki's language, French or English, and use TemplateData, Cargo, Semantic MediaWiki and
    Page Forms where the wiki has them. What exists is left alone, and nothing is made before you have said
    yes. The password is asked for, or taken from COMPAGNON_WIKI_PASSWORD.

    With --gadget it makes the gadget of panel and box instead, for a public wiki where the extension cannot
    be installed. Pages that are somebody else's, and other lines of the list of gadgets, stay as they are.

    With --extension it prints what enables the wiki's extension that came with this program, and asks the
    wiki nothing.
    """
    if gadget and extension:
        raise click.UsageError("the extension has what the gadget has: choose one")
    if extension:
        show_extension(config)
        return
    from webui.bootstrap import build_services
    from webui.commands.wiki_gadget import set_up_gadget, show_gadget

    public_url = config.optional_text("web.public_url")
    services = build_services(config)
    try:
        if show and gadget:
            show_gadget(services.wiki().site(), public_url=public_url)
        elif show:
            _show_pages(services.wiki().site())
        elif gadget:
            set_up_gadget(_connect(services, user), public_url=public_url, yes=yes)
        else:
            _make_pages(_connect(services, user), yes=yes)
    finally:
        services.close()


def _connect(services: "Services", user: str | None) -> "MediaWiki":
    name, password = _account(services.config, user)
    return services.connect(user=name, password=password)


def _show_pages(site: "Site") -> None:
    from capture.wiki_setup import setup_pages

    for page in setup_pages(site):
        say(f"-------- {page.title}", bold=True)
        say(page.wikitext)


def _make_pages(wiki: "MediaWiki", *, yes: bool) -> None:
    from capture.wiki_setup import carry_out, plan_setup, set_up_tag

    plan = plan_setup(wiki)
    site = wiki.site()
    for page in plan.present:
        say(f"There already, left as it is: {page.title}")
    for page in plan.missing:
        say(f"To be made: {page.title}")
    if plan.missing and not yes:
        click.confirm(f"Make {plural(len(plan.missing), 'page')} in {site.name}?", abort=True)
    for page, saved in carry_out(plan, wiki=wiki):
        if saved is None:
            say(f"There in the meantime, left as it is: {page.title}")
        else:
            say(f"Made: {site.page_url(saved.title)}")
    _tell_of_tag(made=set_up_tag(wiki), address=site.page_url("Special:Tags"))


def _account(config: Config, user: str | None) -> tuple[str, str]:
    name = user or config.optional_text("wiki.user")
    if name is None:
        name = click.prompt("Account that makes the pages, as a bot password (Name@app)")
    kept = config.wiki_password() if user in (None, config.optional_text("wiki.user")) else None
    password = os.environ.get("COMPAGNON_WIKI_PASSWORD") or kept or ask_for_password(name)
    return name, password


def _tell_of_tag(*, made: bool, address: str) -> None:
    if not made:
        say(
            "The wiki has no change tag “compagnon” for the edits made with Compagnon, and this account may "
            f"not make one: an administrator of the wiki can, at {address}"
        )
