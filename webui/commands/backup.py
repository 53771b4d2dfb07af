"""`compagnon backup` and `compagnon restore`."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from webui.commands.options import pass_config
from webui.commands.output import plural, say
from webui.config import Config

if TYPE_CHECKING:
    from webui.backup.restoring import Restored

_WAIT_SECONDS = 5.0


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--without-secrets", is_flag=True, help="Leave out passwords and keys.")
@click.option(
    "--with-index",
    is_flag=True,
    help="Take the index along, which can be made again; the service must be stopped.",
)
@click.option("--replace", is_flag=True, help="Put it in the place of a FILE that is there.")
@pass_config
def backup(config: Config, file: Path, *, without_secrets: bool, with_index: bool, replace: bool) -> None:
    """Save everything that cannot be made again into one FILE, while the service runs.

    It holds the database as it is at one moment, the settings, and the passwords and keys; only you may read
    it. It is read back before it appears under its name.
    """
    from contextlib import ExitStack

    from search.index_lock import IndexLock
    from webui.backup.writing import write_backup
    from webui.progress import progress_bar

    with ExitStack() as stack:
        if with_index and config.index_folder.exists():
            lock = IndexLock(config.index_folder)
            stack.enter_context(lock.acquire(exclusive=True, wait_seconds=_WAIT_SECONDS))
        progress = stack.enter_context(progress_bar())
        manifest = write_backup(
            config,
            file,
            with_secrets=not without_secrets,
            with_index=with_index,
            replace=replace,
            progress=progress,
        )
    inside = "with passwords and keys" if manifest.secrets else "without passwords and keys"
    say(f"Saved {plural(len(manifest.members), 'file')} {inside} to {file}, and read them back.")
    if manifest.secrets:
        say("Whoever has this file can read the wiki as you do: keep it as you keep a password.")


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--force", is_flag=True, help="Replace what is in the data directory; the service must be stopped."
)
@click.pass_obj
def restore(data: Path, file: Path, *, force: bool) -> None:
    """Make a data directory (--data) from a FILE that `compagnon backup` wrote.

    Everything is checked before anything is changed. People sign in again afterwards.
    """
    from webui.backup.restoring import restore_backup
    from webui.progress import progress_bar

    with progress_bar() as progress:
        restored = restore_backup(file, data, force=force, progress=progress)
    _tell(restored, data)


def _tell(restored: "Restored", data: Path) -> None:
    from webui.backup.manifest import INDEX, POSTGRESQL_DUMP, SECRETS

    manifest, settled = restored.manifest, restored.settled
    say(f"Restored {data} as it was on {manifest.created_at:%Y-%m-%d %H:%M} UTC.")
    if settled is not None and restored.replaced:
        kept = [
            plural(settled.erased_names, "erased name"),
            plural(settled.wishes, "newer wish", "newer wishes"),
            plural(settled.access_tokens, "withdrawn token"),
        ]
        say(f"Of what was decided since then these count: {', '.join(kept)}.")
    elif settled is not None:
        say("Who was erased, or opted out, since then is back: erase them again (compagnon erase-person).")
    if not manifest.secrets:
        missing = ", ".join(name for name in SECRETS if not (data / name).exists())
        if missing:
            say(f"The backup has no passwords and keys ({missing}): run `compagnon init` again.")
    if manifest.has(POSTGRESQL_DUMP):
        place = data / POSTGRESQL_DUMP
        say(f"The database: pg_restore --clean --if-exists --no-owner --dbname=ADDRESS {place}")
        say("Then delete that file, and erase again whom you erased since then (compagnon erase-person).")
    steps = ["compagnon sync --sweep"]
    if not any(member.name.startswith(INDEX) for member in manifest.members):
        steps.append("compagnon index")
    say(f"Next: {', then '.join(steps)}, then compagnon doctor")
