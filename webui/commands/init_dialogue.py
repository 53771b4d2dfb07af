"""The questions of `compagnon init`: each offers what is known, and nothing is written before the end."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import click

from connector.errors import WikiLoginError, WikiUnavailableError
from webui.commands.output import say
from webui.commands.password_prompt import ask_for_password
from webui.config import Config
from webui.first_run import CALLBACK, USUAL_SECONDS, Plan, Trial, try_wiki
from webui.setting_values import optional_address, optional_key, seconds_between_syncs

_HOW_TO_READ = """
This wiki shows its pages to its members only, so Compagnon reads it with an account.
Take one that sees what every member may see, never an administrator's. With it, on the
wiki's page Special:BotPasswords, make a bot password named “compagnon” with one grant,
“Basic rights” (and “High-volume editing” if the account is a bot). Nothing else.
"""
_HOW_RIGHTS_ARE_ASKED = """
Each member is shown what the wiki lets them read. The wiki is asked with their bot password;
with Compagnon's extension in the wiki (`compagnon wiki-setup --extension`) that is not needed."""
_WAYS = {"1": "oauth", "2": "wiki", "3": "proxy", "4": "off"}


def ask(config: Config, given: Plan) -> tuple[Plan, Trial]:
    """Ask what was not given.

    Args:
        config: what is known.
        given: what the options said; it is not asked.

    Raises:
        ConfigError: the data directory belongs to another wiki.
        click.Abort: Ctrl+C, or the end of the input.
    """
    plan, trial = _wiki(config, given)
    say(trial.sentence, bold=True)
    if plan.contact is None:
        known = config.text("wiki.contact")
        say("\nThe wiki's administrators can be told whom to write to, in each request to it.")
        plan = replace(plan, contact=_text("Your address (empty for none)", known))
    if plan.sync_every is None:
        plan = replace(plan, sync_every=_sync_every(config))
    plan = _sign_in(config, plan, trial)
    return plan, trial


def _wiki(config: Config, given: Plan) -> tuple[Plan, Trial]:
    """Ask until a wiki answers, and lets its account read."""
    address, user, password = given.api_url, given.user or config.optional_text("wiki.user"), given.password
    if user and not password and user == config.optional_text("wiki.user"):
        password = config.wiki_password()
    told = False
    while True:
        if address is None:
            address = click.prompt(
                "Address of the wiki (any page of it will do)", default=config.optional_text("wiki.api_url")
            )
        try:
            if user and not password:
                password = ask_for_password(user)
            trial = try_wiki(config, address, user=user, password=password)
        except WikiUnavailableError as e:
            say(f"{e}", err=True)
            say("Open the wiki in your browser, and copy the address of any page from there.")
            address = None
        except WikiLoginError as e:
            if user:
                say(f"{e}", err=True)
            if not told:
                say(_HOW_TO_READ)
            told = True
            user = click.prompt(
                "Name of the bot password (Name@compagnon)", default=user, value_proc=_valid(_login_name)
            )
            password = ask_for_password(user)
        else:
            return given.after(trial, user=user, password=password), trial


def _sync_every(config: Config) -> int:
    known = config.number("wiki.sync_every")
    fresh = config.optional_text("wiki.api_url") is None
    say("\nWhile `compagnon serve` runs, it can follow the wiki: what is saved there is found seconds later.")
    if not click.confirm("Follow the wiki?", default=known > 0 or fresh):
        return 0
    seconds: int = click.prompt(
        "Seconds between two looks at it",
        default=known or USUAL_SECONDS,
        value_proc=_valid(seconds_between_syncs),
    )
    return seconds


def _sign_in(config: Config, plan: Plan, trial: Trial) -> Plan:
    if plan.sign_in is not None or plan.oauth_client is not None:
        return plan
    known = "oauth" if config.optional_text("web.oauth_client") else config.text("web.sign_in")
    if known == "wiki" and trial.has_oauth and config.optional_text("wiki.api_url") is None:
        known = "oauth"
    oauth = "" if trial.has_oauth else " — this wiki does not have it yet"
    say(f"""
How do members sign in to Compagnon?
  1  with the wiki, by one click (OAuth 2; needs Extension:OAuth in the wiki{oauth})
  2  with a bot password that each member makes in the wiki
  3  a proxy in front of Compagnon says who they are
  4  nobody signs in: whoever reaches the pages may do everything""")
    usual = next(number for number, way in _WAYS.items() if way == known)
    way = _WAYS[
        click.prompt("1, 2, 3 or 4", type=click.Choice(list(_WAYS)), default=usual, show_choices=False)
    ]
    if way == "wiki" and trial.site.private:
        say(_HOW_RIGHTS_ARE_ASKED)
    if way != "oauth":
        # An empty key says that OAuth is not used any more.
        emptied = "" if config.optional_text("web.oauth_client") else None
        return replace(plan, sign_in=way, oauth_client=emptied if way == "wiki" else None)
    return _oauth(config, replace(plan, sign_in="wiki"), trial)


def _oauth(config: Config, plan: Plan, trial: Trial) -> Plan:
    public_url = plan.public_url
    if public_url is None:
        public_url = click.prompt(
            "Address under which browsers reach Compagnon",
            default=config.optional_text("web.public_url"),
            value_proc=_valid(_needed_address),
        )
    page = trial.site.page_url("Special:OAuthConsumerRegistration/propose/oauth2")
    say(f"""
On the wiki's page {page}
propose a confidential client with this callback address:
  {public_url}{CALLBACK}
and the grants “Edit existing pages” and “Create, edit, and move pages”. An administrator of
the wiki approves it. Then:""")
    key = click.prompt(
        "Key of the client", default=config.optional_text("web.oauth_client"), value_proc=_valid(_needed_key)
    )
    kept = config.optional_text("web.oauth_secret") is not None
    secret = click.prompt(
        f"Secret of the client ({'empty keeps the present one' if kept else 'empty for none'})",
        default="",
        hide_input=True,
        show_default=False,
        value_proc=_valid(optional_key),
    )
    return replace(plan, public_url=public_url, oauth_client=key, oauth_secret=secret or None)


def _text(question: str, known: str) -> str:
    answer: str = click.prompt(question, default=known, show_default=bool(known))
    return answer.strip()


def _needed_address(value: object) -> str:
    address = optional_address(value)
    if address is None:
        raise ValueError("must be an address, such as https://compagnon.example.org")
    return address


def _needed_key(value: object) -> str:
    key = optional_key(value)
    if key is None:
        raise ValueError("must not be empty")
    return key


def _login_name(value: object) -> str:
    name = str(value).strip()
    before, at, after = name.partition("@")
    if not (before and at and after):
        raise ValueError(f"the wiki names it with an @, such as {before or 'Name'}@compagnon")
    return name


def _valid(parse: Callable[[object], object]) -> Callable[[str], Any]:
    """Have click ask again when a value is none."""

    def read(value: str) -> object:
        try:
            return parse(value)
        except ValueError as e:
            raise click.UsageError(str(e)) from e

    return read
