"""`compagnon erase-person`."""

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from connector.errors import ConfigError
from webui.commands.options import json_option, pass_config
from webui.commands.output import plural, print_json, say
from webui.config import Config

if TYPE_CHECKING:
    from connector.erasing import PersonErased
    from webui.bootstrap import Services


@click.command("erase-person", short_help="Erase a person from all that is kept here.")
@click.argument("name")
@click.option(
    "--also-called",
    "others",
    multiple=True,
    metavar="NAME",
    help="Another way in which the person is called; may be repeated.",
)
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
@pass_config
def erase_person(config: Config, *, name: str, others: tuple[str, ...], yes: bool, as_json: bool) -> None:
    """Erase a person, by the NAME of their account or as texts call them.

    Their account here, with wishes, tokens and sign-ins, is deleted; their name is masked in the mirror's
    texts and histories, in notes, drafts, follow-ups and questions, and is no more in the index. It does not
    come back with the next sync, while the wiki itself stays as it is: there the account is renamed. A name
    of one word is masked where it is an account's, and not in running text. Running it again is safe, and
    ends what was cut off.
    """
    from webui.bootstrap import build_services

    if not config.exists:
        raise ConfigError(f"there is nothing in {config.folder} to erase anybody from")
    names = [each for each in (name, *others) if each.strip()]
    if not all(any(char.isalnum() for char in each) for each in names) or not names:
        raise click.UsageError("a name has letters or digits")
    if not yes:
        click.confirm(
            f"Erase {plural(len(names), 'way')} to write a person's name, for good?", abort=True, err=True
        )
    services = build_services(config)
    try:
        known = services.eraser.begin(names)
        report = _finish(services)
    finally:
        services.close()
    if as_json:
        print_json({"names": known, **asdict(report)})
    else:
        _print(known, report)


def _finish(services: "Services") -> "PersonErased":
    from webui.owner import OwnerClient
    from webui.progress import progress_bar

    with progress_bar() as progress:
        report = services.eraser.finish(progress=progress)
        owner = services.index_lock.owner()
        if owner is not None and owner.url is not None:
            OwnerClient(owner).update_index()
        else:
            services.eraser.update_index(progress=progress)
        services.store.erased_names.finish()
    return report


def _print(known: int, report: "PersonErased") -> None:
    say(f"Erased, known by {plural(known, 'name')} from now on.", bold=True)
    comments = plural(report.comments, "edit summary", "edit summaries")
    say(f"Mirror:     masked on {plural(report.pages, 'page')}, and in {comments}")
    if report.pages_left_out:
        say(f"            {plural(report.pages_left_out, 'page')} left out, named after the person")
    say(f"Notes:      {report.notes:,}")
    say(f"Drafts:     {report.drafts:,}")
    say(f"Follow-ups: {report.follow_ups:,}")
    say(f"Questions:  {report.questions:,}")
    say(f"Others:     {report.others:,}")
    if not report.wiped:
        say("The disk is wiped by the next sync: others were reading or writing all the time.")
    say("The wiki still shows what it shows, and so do backups: the administrator's guide says what to do.")
