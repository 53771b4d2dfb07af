"""`compagnon init`: as a dialogue on a terminal, and by its options in a script."""

import os
import shlex
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click

from connector.errors import ConfigError
from webui.commands.options import pass_config
from webui.commands.output import plural, say
from webui.config import USUAL_FOLDER, Config
from webui.first_run import Plan, Trial, try_wiki
from webui.setting_values import optional_address, seconds_between_syncs

_PASSWORD = "COMPAGNON_WIKI_PASSWORD"  # noqa: S105 - a variable's name


def _seconds(_context: click.Context, _parameter: click.Parameter, value: str | None) -> int | None:
    try:
        return None if value is None else seconds_between_syncs(value)
    except ValueError as e:
        raise click.BadParameter(str(e)) from e


def _address(_context: click.Context, _parameter: click.Parameter, value: str | None) -> str | None:
    try:
        return None if value is None else optional_address(value)
    except ValueError as e:
        raise click.BadParameter(str(e)) from e


@click.command()
@click.option("--wiki", "address", metavar="URL", help="Address of the wiki: its main page's will do.")
@click.option(
    "--user",
    metavar="NAME@APP",
    help="Account that reads a private wiki, as a bot password (Special:BotPasswords).",
)
@click.option("--password-stdin", is_flag=True, help="Read its password from the standard input.")
@click.option("--contact", metavar="ADDRESS", help="Where the wiki's administrators reach you.")
@click.option(
    "--sync-every",
    metavar="SECONDS",
    callback=_seconds,
    help="How often serve looks at the wiki, 5 or more; 0 for never.",
)
@click.option(
    "--sign-in",
    type=click.Choice(["wiki", "proxy", "off"]),
    help="How members sign in (setting web.sign_in).",
)
@click.option("--oauth-client", metavar="KEY", help="Key of Compagnon as an OAuth 2 client of the wiki.")
@click.option(
    "--public-url", metavar="URL", callback=_address, help="Address under which browsers reach Compagnon."
)
@click.option(
    "--sync/--no-sync",
    "sync_now",
    default=None,
    help="Copy the wiki and index it at once; asked on a terminal.",
)
@click.option(
    "--yes", is_flag=True, help="Ask nothing, on a terminal either: what is known or usual is taken."
)
@pass_config
def init(
    config: Config,
    *,
    address: str | None,
    user: str | None,
    password_stdin: bool,
    contact: str | None,
    sync_every: int | None,
    sign_in: str | None,
    oauth_client: str | None,
    public_url: str | None,
    sync_now: bool | None,
    yes: bool,
) -> None:
    """Connect a wiki: find it, check its account, and keep the settings.

    On a terminal it asks what was not given, and offers what is known. Passwords are never arguments: they
    are asked for, or read from COMPAGNON_WIKI_PASSWORD or the standard input. Nothing is kept before the wiki
    has answered, and Ctrl+C leaves everything as it was. Run it again to change what it asked.
    """
    from webui.commands.init_dialogue import ask

    given = Plan(
        api_url=address,
        user=user,
        password=_given_password(password_stdin),
        contact=contact,
        sync_every=sync_every,
        sign_in=sign_in,
        oauth_client=oauth_client,
        public_url=public_url,
    )
    talks = not yes and not password_stdin and sys.stdin.isatty() and sys.stdout.isatty()
    plan, trial = ask(config, given) if talks else _without_questions(config, given)
    if not talks:
        say(trial.sentence)
    with _undisturbed():
        plan.keep(config)
    say(f"Connected to {trial.site.name} ({trial.site.language}), {trial.api_url}.")
    if talks and sync_now is None:
        pages = plural(trial.site.page_count, "page")
        sync_now = click.confirm(f"Copy the wiki ({pages}) and index it now?", default=True)
    if sync_now:
        _fill(click.get_current_context())
    say(f"Next: {_program(config)} {'serve' if sync_now else 'sync'}")


def _without_questions(config: Config, given: Plan) -> tuple[Plan, Trial]:
    """Take what was given, or is known."""
    address = given.api_url or config.optional_text("wiki.api_url")
    if address is None:
        raise ConfigError("give the wiki's address: --wiki https://wiki.example.org")
    user = given.user or config.optional_text("wiki.user")
    password = given.password
    if user and not password:
        password = config.wiki_password() if user == config.optional_text("wiki.user") else None
        if not password:
            raise ConfigError(
                f"there is no terminal to ask for the bot password of {user}: set {_PASSWORD}, or give it "
                "with --password-stdin"
            )
    trial = try_wiki(config, address, user=user, password=password)
    return given.after(trial, user=user, password=password), trial


def _given_password(from_stdin: bool) -> str | None:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n") or None
    return os.environ.get(_PASSWORD)


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Have a Ctrl+C wait until settings and password are both written."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _fill(context: click.Context) -> None:
    """Do what the commands `sync` and `index` do; what they do is kept, wherever it is cut off."""
    from webui.commands.index import index
    from webui.commands.sync import sync

    context.invoke(sync, dump=None, allow_shrink=False, sweep=False, watch=None, as_json=False)
    context.invoke(index, as_json=False)


def _program(config: Config) -> str:
    usual = str(config.folder) == USUAL_FOLDER
    return "compagnon" if usual else f"compagnon --data {shlex.quote(str(config.folder))}"
