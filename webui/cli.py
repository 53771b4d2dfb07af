"""`compagnon`: the command line. Exit codes: 0 done, 1 an error said in one line, 2 wrong usage."""

import io
import logging
import os
import sys
from pathlib import Path

import click

from connector.errors import CompagnonError
from webui.commands.backup import backup, restore
from webui.commands.capture import capture
from webui.commands.demo import demo
from webui.commands.digest import digest
from webui.commands.distill import distill
from webui.commands.doctor import doctor
from webui.commands.erase_person import erase_person
from webui.commands.evaluate import evaluate
from webui.commands.gardening import gardening
from webui.commands.index import index
from webui.commands.init import init
from webui.commands.links import links
from webui.commands.mcp import mcp
from webui.commands.output import say, shown
from webui.commands.review import drafts, follow_ups, forget_notes
from webui.commands.search import experts, related, search
from webui.commands.serve import serve
from webui.commands.sync import sync
from webui.commands.topics import topics
from webui.commands.verify import verify
from webui.commands.wiki_setup import wiki_setup
from webui.config import USUAL_FOLDER


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    default=USUAL_FOLDER,
    envvar="COMPAGNON_DATA",
    show_default=True,
    show_envvar=True,
    help="Folder that holds everything of this community.",
)
@click.version_option(package_name="compagnon", prog_name="compagnon")
@click.pass_context
def compagnon(context: click.Context, data: Path) -> None:
    """Give a community of practice a memory on top of its MediaWiki."""
    context.obj = data


for command in (
    init,
    sync,
    index,
    verify,
    wiki_setup,
    evaluate,
    distill,
    serve,
    search,
    experts,
    related,
    topics,
    links,
    gardening,
    capture,
    drafts,
    follow_ups,
    forget_notes,
    digest,
    erase_person,
    doctor,
    backup,
    restore,
    demo,
    mcp,
):
    compagnon.add_command(command)


class _PlainFormatter(logging.Formatter):
    """Logs hold what wikis and their pages say: the terminal only shows it."""

    def format(self, record: logging.LogRecord) -> str:
        return shown(super().format(record))


def main() -> None:
    """Run the command line; whatever goes wrong on purpose is one line, and no traceback."""
    # A private wiki is nobody else's on this machine, also in a folder that others may look into.
    os.umask(0o077)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a letter that this terminal has not
    log = logging.StreamHandler(sys.stderr)
    log.setFormatter(_PlainFormatter("compagnon: %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[log])
    try:
        compagnon.main(prog_name="compagnon", standalone_mode=False)
    except click.ClickException as e:  # usage errors among them: exit code 2
        e.show()
        sys.exit(e.exit_code)
    except click.exceptions.Exit as e:
        sys.exit(e.exit_code)
    except (click.Abort, KeyboardInterrupt):
        say("compagnon: stopped", err=True)
        sys.exit(130)
    except CompagnonError as e:
        say(f"compagnon: {e}", err=True)
        sys.exit(1)
    except BrokenPipeError:
        # Whoever read our output has had enough (`| head`); Python would complain again while closing it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except OSError as e:
        say(f"compagnon: {e.strerror or e}" + (f": {e.filename}" if e.filename else ""), err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
