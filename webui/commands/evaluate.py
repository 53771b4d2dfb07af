"""`compagnon evaluate`. Its exit codes are those of `verify`: 0 fine, 1 worse than before, 2 trouble."""

import json
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

import click

from connector.errors import CompagnonError, IndexNotBuiltError, SearchError
from webui.commands.options import json_option, pass_config
from webui.commands.output import plural, print_json, say
from webui.config import Config

if TYPE_CHECKING:
    from search.exam_report import Change, ExamReport, Group

_METHODS = {
    "ours": "Compagnon",
    "words": "keywords alone",
    "meaning": "meaning alone",
    "wiki": "the wiki’s own search",
}
_KINDS = {
    "redirect": "redirects",
    "link": "words of links",
    "heading": "headings",
    "sentence": "first sentences",
    "member": "what members asked and were helped with",
}
_MOST_QUESTIONS = 2_000
_MOST_SAVED_BYTES = 20_000_000


@click.command()
@click.option(
    "--questions",
    type=click.IntRange(1, _MOST_QUESTIONS),
    default=300,
    show_default=True,
    help="How many questions at most.",
)
@click.option("--seed", type=int, default=1, show_default=True, help="Another number draws other questions.")
@click.option(
    "--wiki/--no-wiki",
    "ask_wiki",
    default=True,
    help="Ask the wiki’s own search too, where it can be reached.",
)
@click.option(
    "--save",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Keep the exam in this file, to compare a later one with it.",
)
@click.option(
    "--compare",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Fail when the search has become worse than in this saved exam.",
)
@json_option
@pass_config
def evaluate(
    config: Config,
    *,
    questions: int,
    seed: int,
    ask_wiki: bool,
    save: Path | None,
    compare: Path | None,
    as_json: bool,
) -> None:
    """Put the search through an exam that this wiki itself sets.

    Redirects, the words of links, headings and first sentences are asked; each is right when its page comes.
    So, apart, are questions of members who said which page helped.
    What is asked is left out of the copy of the index that answers. Nothing changes. Exit code 0 when all
    went well, 1 when the search is worse than in the exam to compare with, 2 when there was trouble.
    """
    try:
        before = None if compare is None else _read(compare)
        if save is not None:
            _check_can_be_saved(save)  # an exam takes minutes
        report = _taken(config, questions=questions, seed=seed, ask_wiki=ask_wiki)
        changes = [] if before is None else _changes(before, report)
        shape = _shape(report, before, changes)
        if save is not None:
            _save(report, save)
    except CompagnonError as e:
        say(f"compagnon: {e}", err=True)
        sys.exit(2)
    if as_json:
        print_json(shape)
    else:
        _print(report, before, changes)
    if any(change.worse for change in changes):
        sys.exit(1)


def _taken(config: Config, *, questions: int, seed: int, ask_wiki: bool) -> "ExamReport":
    from webui.bootstrap import build_services
    from webui.progress import progress_bar

    if not config.exists:
        raise IndexNotBuiltError(
            f"there is nothing in {config.folder} to evaluate: run `compagnon sync`, then `compagnon index`"
        )
    services = build_services(config)
    try:
        with _stopped_cleanly(), progress_bar() as progress:
            return services.take_exam(most=questions, seed=seed, ask_wiki=ask_wiki, progress=progress)
    finally:
        services.close()


@contextmanager
def _stopped_cleanly() -> Iterator[None]:
    """Leave by an exception when told to end, as with Ctrl+C: the copy of the wiki must not stay behind."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _read(path: Path) -> "ExamReport":
    from search.exam_report import from_dict

    try:
        if path.stat().st_size > _MOST_SAVED_BYTES:
            raise SearchError(f"{path} is too large for a saved exam")
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as e:
        raise SearchError(
            f"{path} is no saved exam: {getattr(e, 'strerror', None) or 'it is not JSON'}"
        ) from e
    try:
        return from_dict(value)
    except SearchError as e:
        raise SearchError(f"{path}: {e}") from e


def _check_can_be_saved(path: Path) -> None:
    if not path.parent.is_dir():
        raise SearchError(f"the exam cannot be saved in {path}: there is no such folder")
    if not os.access(path.parent, os.W_OK):
        raise SearchError(f"the exam cannot be saved in {path}: the folder may not be written")


def _save(report: "ExamReport", path: Path) -> None:
    from search.exam_report import to_dict

    draft = path.with_name(path.name + ".new")
    try:
        draft.write_text(json.dumps(to_dict(report), indent=1) + "\n", encoding="utf-8")
        draft.replace(path)
    except OSError as e:
        raise SearchError(f"the exam cannot be saved in {path}: {e.strerror}") from e


def _changes(before: "ExamReport", now: "ExamReport") -> "list[Change]":
    from search.exam_report import compare

    return compare(before, now)


def _shape(report: "ExamReport", before: "ExamReport | None", changes: "list[Change]") -> dict[str, Any]:
    from search.exam_report import to_dict

    shape = to_dict(report)
    if before is None:
        return shape
    shape["compared"] = {
        "taken_at": before.taken_at.isoformat(),
        "version": before.version,
        "model": before.model,
        "worse": any(change.worse for change in changes),
        "changes": [
            {
                "language": change.language,
                "questions": change.questions,
                "paired": change.paired,
                "mrr_before": round(change.before, 4),
                "mrr_now": round(change.now, 4),
                "difference_low": round(change.low, 4),
                "difference_high": round(change.high, 4),
                "worse": change.worse,
            }
            for change in changes
        ],
    }
    return shape


def _print(report: "ExamReport", before: "ExamReport | None", changes: "list[Change]") -> None:
    from search.exam_report import results

    asked = plural(len(report.questions), "question")
    say(
        f"{asked} on {plural(report.pages, 'page')} ({plural(report.chunks, 'chunk')}), {report.model}",
        bold=True,
    )
    if not report.questions:
        say("This wiki has no redirects, links, headings or sentences to ask for yet.")
        return
    groups = results(report)
    languages = {group.language for group in groups if group.language}
    for group in groups:
        if group.language and group.kind and len(languages) == 1:
            continue  # the same as the kind alone
        _print_group(group)
    if report.wiki_trouble:
        say(f"\nThe wiki’s own search was not asked to the end: {report.wiki_trouble}")
    for line in _change_lines(before, changes):
        say(line)


def _print_group(group: "Group") -> None:
    name = ", ".join(filter(None, (group.language, _KINDS.get(group.kind or "")))) or "all"
    say(f"\n{name}: {plural(group.questions, 'question')}")
    say(f"  {'':<22} {'hit@1':>6} {'hit@10':>7} {'MRR':>6} {'nDCG@10':>8}")
    for method, found in group.measures.items():
        say(
            f"  {_METHODS[method]:<22} {found.hit_at_1:>6.2f} {found.hit_at_10:>7.2f} {found.mrr:>6.3f}"
            f" {found.ndcg_at_10:>8.3f}"
        )


def _change_lines(before: "ExamReport | None", changes: "list[Change]") -> Iterator[str]:
    if before is None:
        return
    yield f"\nCompared with the exam of {before.taken_at:%Y-%m-%d %H:%M} UTC ({before.model}):"
    for change in changes:
        verdict = "worse" if change.worse else "better" if change.low > 0 else "no difference beyond chance"
        how = "the same" if change.paired else "other"
        yield (
            f"  {change.language or 'all'}: MRR {change.before:.3f} -> {change.now:.3f}"
            f" ({change.difference:+.3f}; {change.low:+.3f} to {change.high:+.3f}),"
            f" {how} questions ({change.questions:,}): {verdict}"
        )
