"""`compagnon digest`: what the last week brought, printed or sent."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from connector.errors import IndexNotBuiltError, MailError
from webui.commands.options import pass_config
from webui.commands.output import plural, say
from webui.config import Config

if TYPE_CHECKING:
    from webui.bootstrap import Services


@click.command(short_help="Print or send the weekly digest.")
@click.option("--send", is_flag=True, help="Send it to who wants it and to community.digest_to, once a week.")
@click.option("--to", "address", metavar="ADDRESS", help="Send it to this address alone, as a trial.")
@click.option("--language", type=click.Choice(["fr", "en"]), help="In this language.  [default: the wiki's]")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "html", "wikitext"]),
    default="text",
    show_default=True,
    help="How it is printed.",
)
@pass_config
def digest(config: Config, *, send: bool, address: str | None, language: str | None, form: str) -> None:
    """Print what the last whole week brought, as far as all its readers may read it; or send it.

    A server with wiki.sync_every sends it by itself; others have `compagnon digest --send` run once an hour
    or once a day: nobody gets a second one. What could not be sent is tried the next time.
    """
    from webui.bootstrap import build_services

    if send and address is not None:
        raise click.UsageError("give --send or --to ADDRESS, not both")
    if not config.exists:
        raise IndexNotBuiltError(f"there is nothing in {config.folder} yet: run `compagnon sync`")
    services = build_services(config)
    now = datetime.now(UTC)
    try:
        if send:
            _send(services, now)
        elif address is not None:
            _send_to(services, address, now=now, language=language)
        else:
            _print(services, now=now, language=language, form=form)
    finally:
        services.close()


def _send(services: "Services", now: datetime) -> None:
    sent = refused = 0
    while True:
        delivery = services.digest_post.send_due(now)
        sent, refused = sent + delivery.sent, refused + delivery.refused
        if not delivery.sent or delivery.failed:
            break
    say(f"{plural(sent, 'digest')} sent.")
    if delivery.failed or refused or delivery.trouble:
        raise MailError(
            f"{plural(delivery.failed + refused, 'digest')} not sent: {delivery.trouble}"
            if delivery.failed or refused
            else delivery.trouble
        )


def _send_to(services: "Services", address: str, *, now: datetime, language: str | None) -> None:
    try:
        told = services.digest_post.send_to(address, now=now, language=language)
    except ValueError as e:
        raise click.BadParameter(str(e), param_hint="--to") from e
    say("Sent." if told else "Nothing happened in this week: nothing was sent.")


def _print(services: "Services", *, now: datetime, language: str | None, form: str) -> None:
    from webui.digests.writing import as_html, as_text, as_wikitext

    written, letter = services.digest_post.for_all(now, language=language)
    if written.is_empty:
        say(f"Nothing happened from {written.since:%Y-%m-%d} on until {written.until:%Y-%m-%d}.", err=True)
        return
    writers = {"text": as_text, "html": as_html, "wikitext": as_wikitext}
    say(writers[form](letter), nl=False)
