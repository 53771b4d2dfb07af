"""Options that several commands share."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from webui.config import load_config

F = TypeVar("F", bound=Callable[..., Any])


def json_option(command: F) -> F:
    """Let a reading command print JSON."""
    return click.option(
        "--json", "as_json", is_flag=True, help="Print JSON; its shape is documented and stable."
    )(command)


def top_k_option(default: int) -> Callable[[F], F]:
    """Let a command be told how many results are wanted."""
    return click.option(
        "--top-k", type=click.IntRange(1, 100), default=default, show_default=True, help="How many at most."
    )


def pass_config(command: Callable[..., None]) -> Callable[..., None]:
    """Hand a command the settings of the data directory that the command line names."""

    @click.pass_obj
    def with_config(folder: Path, /, *arguments: Any, **options: Any) -> None:
        command(load_config(folder), *arguments, **options)

    with_config.__doc__ = command.__doc__
    with_config.__name__ = command.__name__
    # click.option() hangs its parameters on the function it decorates.
    with_config.__click_params__ = getattr(command, "__click_params__", [])  # type: ignore[attr-defined]
    return with_config
