"""`compagnon drafts`, `compagnon follow-ups`, `compagnon forget-notes`."""

import click

from webui.commands.options import json_option, pass_config
from webui.commands.output import plural, print_json, say
from webui.config import Config

_ACTOR = "command line"
# As many as the pages take: more than a database of this kind ever gives.
_NUMBER = click.IntRange(1, 2**31 - 1)
_STATES = ("draft", "review", "published", "dropped")


@click.command(short_help="List the drafts and their states.")
@click.option("--state", type=click.Choice(_STATES), help="Only those of one state.")
@json_option
@pass_config
def drafts(config: Config, *, state: str | None, as_json: bool) -> None:
    """List the drafts, newest first. They are reviewed and published in the web pages."""
    from webui.api.capture_shapes import drafts_shape
    from webui.bootstrap import build_services

    services = build_services(config)
    try:
        found = services.desk.list(state=state) if config.exists else []
    finally:
        services.close()
    if as_json:
        print_json(drafts_shape(found))
        return
    for one in found:
        by = f" by {one.reviewer}" if one.state == "review" and one.reviewer else ""
        say(f"{one.id:>5}  {one.state}{by}  ", nl=False)
        say(one.draft.title, bold=True)
    say(f"{plural(len(found), 'draft')}.")


@click.command("follow-ups", short_help="List what meetings left to do, and close it.")
@click.option(
    "--kind",
    type=click.Choice(("action", "question", "decision")),
    help="Only actions, questions or decisions.",
)
@click.option("--close", "closed", type=_NUMBER, metavar="ID", help="Close this one: it is done.")
@json_option
@pass_config
def follow_ups(config: Config, *, kind: str | None, closed: int | None, as_json: bool) -> None:
    """List the actions and questions that notes leave open, until someone closes them."""
    from webui.api.capture_shapes import follow_up_shape, follow_ups_shape
    from webui.bootstrap import build_services

    services = build_services(config)
    try:
        if closed is not None:
            one = services.follow_ups.close(closed, actor=_ACTOR)
            shape = {"follow_ups": [follow_up_shape(one)]}
        else:
            shape = follow_ups_shape(services.follow_ups, kind=kind) if config.exists else {"follow_ups": []}
    finally:
        services.close()
    if as_json:
        print_json(shape)
    elif closed is not None:
        say(f"Closed: {one.text}")
    else:
        for row in shape["follow_ups"]:
            owner = f"{row['owner']}: " if row["owner"] else ""
            due = f", by {row['due']}" if row["due"] else ""
            meeting = f"  ({row['meeting']})" if row["meeting"] else ""
            say(f"{row['id']:>5}  {row['kind']}  {owner}{row['text']}{due}{meeting}")
        say(f"{plural(len(shape['follow_ups']), 'follow-up')}.")


@click.command("forget-notes", short_help="Delete notes and all that came from them.")
@click.argument("notes_id", metavar="ID", type=_NUMBER)
@click.option("--yes", is_flag=True, help="Do not ask.")
@pass_config
def forget_notes(config: Config, *, notes_id: int, yes: bool) -> None:
    """Delete the notes with this ID, their drafts and follow-ups, and overwrite them on disk.

    Pages that were published from them stay in the wiki. The ID stands in the address of the notes' web page.
    """
    from webui.bootstrap import build_services

    services = build_services(config)
    try:
        notes = services.desk.entry(notes_id)
        if not yes:
            name = notes.title or notes.filename or f"given on {notes.created_at:%Y-%m-%d}"
            click.confirm(
                f"Delete notes {notes_id} ({name}) and all that came from them?", abort=True, err=True
            )
        gone = services.desk.forget_notes(notes_id, actor=_ACTOR)
    finally:
        services.close()
    say(f"Deleted, with {plural(gone.drafts, 'draft')} and {plural(gone.follow_ups, 'follow-up')}.")
    for _, title in gone.published:
        say(f"Still in the wiki: “{title}”. Only there it can be deleted.")
    if not gone.wiped:
        say("The database is in use: the next sync overwrites it on disk.", err=True)
