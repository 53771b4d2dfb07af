"""`compagnon doctor`. Exit codes: 0 all is well, 1 something should be done, 2 something does not work."""

import logging
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from webui.commands.options import json_option, pass_config
from webui.commands.output import plural, print_json, say
from webui.config import Config

if TYPE_CHECKING:
    from webui.checkup.findings import Checked, Level

_WIDTH = 15


@click.command()
@json_option
@pass_config
def doctor(config: Config, *, as_json: bool) -> None:
    """Look at everything that Compagnon stands on, and say what is wrong and what to do.

    It changes nothing. Exit code 0 when all is well, 1 when something should be done, 2 when something does
    not work.
    """
    from webui.bootstrap import build_services
    from webui.checkup.checks import CHECKS
    from webui.checkup.findings import Level, run_checks, worst

    services = build_services(config)
    with _no_log():
        checked, ended = run_checks(services, CHECKS)
    level = worst(checked)
    if as_json:
        print_json(_shape(checked, level))
    else:
        _print(checked)
    code = {Level.OK: 0, Level.WARNING: 1, Level.PROBLEM: 2}[level]
    if ended:
        services.close()
        sys.exit(code)
    # A check that hangs would keep the process until it ends, which may be never.
    sys.stdout.flush()
    os._exit(code)


@contextmanager
def _no_log() -> Iterator[None]:
    """Have what the command says itself not be said a second time, between its lines."""
    log = logging.getLogger()
    before = log.level
    log.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        log.setLevel(before)


def _print(checked: "Sequence[Checked]") -> None:
    from webui.checkup.findings import Level

    words = {Level.OK: "OK", Level.WARNING: "warning", Level.PROBLEM: "PROBLEM"}
    for each in checked:
        for finding in each.findings:
            bad = finding.level is not Level.OK
            say(f"{words[finding.level]:<8} {each.name:<{_WIDTH}} {_one_line(finding.said)}", bold=bad)
            if finding.advice:
                say(f"{'':<{9 + _WIDTH}} → {finding.advice}")
    found = [finding.level for each in checked for finding in each.findings]
    problems, warnings = found.count(Level.PROBLEM), found.count(Level.WARNING)
    if problems or warnings:
        say(f"{plural(problems, 'problem')}, {plural(warnings, 'warning')}.")
    else:
        say("All is well.")


def _shape(checked: "Sequence[Checked]", level: "Level") -> dict[str, object]:
    return {
        "level": level.value,
        "checks": [
            {
                "name": each.name,
                "level": finding.level.value,
                "said": _one_line(finding.said),
                "advice": finding.advice,
            }
            for each in checked
            for finding in each.findings
        ],
    }


def _one_line(text: str) -> str:
    return " ".join(text.split())
