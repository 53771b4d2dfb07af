"""`compagnon verify`. Its exit codes are those of `diff`: 0 the same, 1 something is off, 2 trouble."""

import sys
from typing import TYPE_CHECKING, Any

import click

from connector.errors import CompagnonError, ConfigError
from webui.commands.options import json_option, pass_config
from webui.commands.output import plural, print_json, say
from webui.config import Config

if TYPE_CHECKING:
    from webui.api.shapes import Shape

_SHOWN_PAGES = 10
_SHOWN_ERASURES = 5


@click.command()
@click.option("--all", "all_texts", is_flag=True, help="Compare every text by its checksum, not only some.")
@json_option
@pass_config
def verify(config: Config, *, all_texts: bool, as_json: bool) -> None:
    """Prove that the mirror, and the index, are in step with the wiki.

    It changes nothing. Exit code 0 when they are, 1 when anything is off, 2 when it could not be checked.
    """
    try:
        shape = _verified(config, all_texts=all_texts)
    except CompagnonError as e:
        say(f"compagnon: {e}", err=True)
        sys.exit(2)
    if as_json:
        print_json(shape)
    else:
        _print(shape)
    if not shape["in_step"]:
        sys.exit(1)


def _verified(config: Config, *, all_texts: bool) -> "Shape":
    from webui.api.shapes import verification_shape
    from webui.bootstrap import TEXTS_TO_VERIFY, build_services
    from webui.progress import progress_bar

    if not config.exists:
        raise ConfigError(f"there is nothing in {config.folder} to verify yet: run `compagnon sync`")
    services = build_services(config)
    try:
        with progress_bar() as progress:
            verification = services.verify(
                services.wiki(), texts=None if all_texts else TEXTS_TO_VERIFY, progress=progress
            )
        return verification_shape(verification, services.index_comparison())
    finally:
        services.close()


def _print(shape: "Shape") -> None:
    mirror, index = shape["mirror"], shape["index"]
    say("In step with the wiki." if shape["in_step"] else "Not in step with the wiki.", bold=True)
    say(f"Mirror: {plural(mirror['pages'], 'page')} compared: {_differences(mirror)}")
    if mirror["left_out"]:
        say(f"        {plural(len(mirror['left_out']), 'page')} left out, whose text the reader may not see")
    say(f"Texts:  {mirror['texts']:,} compared by checksum; oldest proof: {mirror['oldest_proof'] or 'none'}")
    say(f"Sync:   last {shape['last_sync'] or 'never'}; last sweep {shape['last_sweep'] or 'never'}")
    if index is None:
        say("Index:  none yet: run `compagnon index`")
    else:
        say(f"Index:  {plural(index['pages'], 'page')}: {_differences(index)}")
    for erasure in shape["erasures"][:_SHOWN_ERASURES]:
        after = f"{'' if erasure['exact'] else 'at most '}{_duration(erasure['seconds'])}"
        say(f"Forgot: page {erasure['pageid']} at {erasure['erased_at']}, {after} after it was gone")
    for name, part in (("mirror", mirror), ("index", index or {})):
        for kind in ("ghosts", "missing", "stale"):
            if pages := part.get(kind):
                shown = ", ".join(map(str, pages[:_SHOWN_PAGES]))
                more = f" and {len(pages) - _SHOWN_PAGES:,} more" if len(pages) > _SHOWN_PAGES else ""
                say(f"{kind.capitalize()} in the {name}: page {shown}{more}")
    if not shape["in_step"]:
        say(f"What to do: {_advice(mirror)}")


def _differences(part: dict[str, Any]) -> str:
    counts = [len(part[kind]) for kind in ("ghosts", "missing", "stale")]
    return f"{plural(counts[0], 'ghost')}, {counts[1]:,} missing, {counts[2]:,} stale"


def _advice(mirror: dict[str, Any]) -> str:
    if mirror["ghosts"] or mirror["missing"] or mirror["stale"]:
        return "run `compagnon sync --sweep`, then `compagnon index`, then `compagnon verify` again"
    return "run `compagnon index`"


def _duration(seconds: float) -> str:
    for size, unit in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if seconds >= 2 * size:
            return plural(round(seconds / size), unit)
    return plural(round(seconds), "second")
