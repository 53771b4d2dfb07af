"""`compagnon capture`."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from connector.progress import Progress
from webui.commands.options import json_option, pass_config
from webui.commands.output import plural, print_json, say
from webui.config import Config

if TYPE_CHECKING:
    from capture.notes import Notes
    from webui.bootstrap import Services

_REMARKS = {
    "fallback": "read by rules, not by the language model ({})",
    "unsupported": "left out, since their lines do not say so: {}",
    "truncated": "not all was read ({})",
}


@click.command(short_help="Turn meeting notes into drafts of practice pages.")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path))
@click.option("--save", is_flag=True, help="Keep the notes and the drafts, to be reviewed in the web pages.")
@json_option
@pass_config
def capture(config: Config, file: Path, *, save: bool, as_json: bool) -> None:
    """Turn the meeting notes in FILE into drafts of practice pages.

    FILE is plain text, Markdown, HTML, a mail, a Word or OpenDocument file, a chat log or the subtitles of a
    call; - reads the standard input.
    """
    from capture.notes import read_notes
    from webui.bootstrap import build_services
    from webui.owner import OwnerClient
    from webui.progress import progress_bar

    data = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    # What cannot be read is said here, whoever would read it.
    notes = read_notes(data, filename=None if str(file) == "-" else file.name)
    services = build_services(config)
    try:
        owner = services.index_lock.owner() if config.exists else None
        with progress_bar() as progress:
            if owner is None or owner.url is None:
                shape = _captured(services, notes, save=save, progress=progress)
            elif save:
                job = OwnerClient(owner).keep_notes(data, filename=file.name, progress=progress)
                shape = {**job["result"], "ids": job["drafts"]}
            else:
                shape = OwnerClient(owner).capture(data, filename=file.name)
    finally:
        services.close()
    ids = shape.pop("ids", None)
    if ids is not None:
        say(f"Kept as {', '.join(f'draft {i}' for i in ids) or 'notes without a draft'}.", err=True)
    if as_json:
        print_json(shape)
    else:
        _print(shape)


def _captured(services: "Services", notes: "Notes", *, save: bool, progress: Progress) -> dict[str, Any]:
    from webui.api.shapes import capture_shape

    result = services.capture.capture(notes, progress=progress)
    shape = capture_shape(result)
    if save:
        shape["ids"] = services.desk.add(result, notes, actor="command line")
    return shape


def _print(shape: dict[str, Any]) -> None:
    notes = shape["notes"]
    say(notes["title"] or "Notes", bold=True, nl=False)
    say(f"  {notes['date'] or ''}")
    for name, label in (("present", "Present"), ("absent", "Absent")):
        if notes[name]:
            say(f"{label}: {', '.join(notes[name])}")
    for decision in notes["decisions"]:
        say(f"Decision{'' if decision['decided'] else ' (proposed)'}: {decision['text']}{_lines(decision)}")
    for action in notes["actions"]:
        owner = f"{action['owner']}: " if action["owner"] else ""
        due = f", by {action['due']}" if action["due"] else ""
        say(f"Action{' (done)' if action['done'] else ''}: {owner}{action['text']}{due}{_lines(action)}")
    for question in notes["questions"]:
        say(f"Question: {question['text']}{_lines(question)}")
    for draft in shape["drafts"]:
        say()
        say(f"Draft: {draft['title']}", bold=True)
        for name, statements in draft["fields"].items():
            for statement in statements:
                say(f"   {name}: {statement['text']}{_lines(statement)}")
        for page in draft["similar"]:
            say(f"   like “{page['title']}” ({page['score']:.2f})")
        for dropped in draft["dropped"]:
            say(f"   left out, {dropped['reason']} not in its lines: {dropped['text']}{_lines(dropped)}")
    for remark in shape["remarks"]:
        say(f"Note: {_REMARKS[remark['code']].format(remark['detail'])}{_lines(remark)}")
    say(f"\n{plural(len(shape['drafts']), 'draft')}.")


def _lines(statement: dict[str, Any]) -> str:
    numbers = ", ".join(str(n) for n in statement["lines"])
    return f"  [{numbers}]" if numbers else ""
