"""`compagnon distill`: an embedding model that reads French as another one reads English."""

from pathlib import Path

import click

from webui.commands.output import plural, say

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command(short_help="Teach an English embedding model French, from pairs of texts.")
@click.option(
    "--pairs",
    "files",
    type=_FILE,
    multiple=True,
    required=True,
    help="English, tab, French a line (.tsv or .tsv.xz); may be given several times.",
)
@click.option(
    "--out", type=click.Path(path_type=Path), required=True, help="Folder for the model; not there yet."
)
@click.option(
    "--teacher", help="A sentence-transformers model, by name or folder.  [default: the bundled English one]"
)
@click.option(
    "--words",
    type=click.IntRange(0, 100_000),
    default=8_000,
    show_default=True,
    help="French words that get a place of their own in the vocabulary, at the most.",
)
@click.option(
    "--rows",
    type=click.Choice(["translations", "pieces"]),
    default="translations",
    show_default=True,
    help="Where these words begin: at what they mean in English, or at the mean of their pieces.",
)
@click.option(
    "--most",
    type=click.IntRange(1),
    default=60_000,
    show_default=True,
    help="Pairs of one source at the most.",
)
@click.option(
    "--epochs",
    type=click.FloatRange(0, 1_000, min_open=True),
    default=2.0,
    show_default=True,
    help="How often each pair is seen.",
)
@click.option(
    "--batch-tokens",
    type=click.IntRange(256),
    default=4_096,
    show_default=True,
    help="Tokens learned from at a time; more on a large GPU.",
)
@click.option("--learning-rate", type=click.FloatRange(0, 1, min_open=True), default=2e-4, show_default=True)
@click.option("--seed", type=click.IntRange(0), default=7, show_default=True, help="Of every draw.")
@click.option(
    "--device", type=click.Choice(["auto", "cpu", "cuda"]), default="auto", show_default=True, help="Where."
)
def distill(
    files: tuple[Path, ...],
    *,
    out: Path,
    teacher: str | None,
    words: int,
    rows: str,
    most: int,
    epochs: float,
    batch_tokens: int,
    learning_rate: float,
    seed: int,
    device: str,
) -> None:
    """Make a bilingual model of an English one, by knowledge distillation on parallel texts.

    A run that is cut off goes on when the same command is given again. The setting `search.model` takes the
    new model's folder; then run `compagnon index`.
    """
    from search.distillation.run import distill as run_distillation
    from search.distillation.settings import DistillationSettings
    from search.settings import DEFAULT_MODEL
    from webui.progress import progress_bar

    settings = DistillationSettings(
        teacher=teacher or DEFAULT_MODEL,
        words=words,
        translated_rows=rows == "translations",
        most_pairs=most,
        epochs=epochs,
        tokens_at_once=batch_tokens,
        learning_rate=learning_rate,
        seed=seed,
        device=device,
    )
    with progress_bar() as progress:
        made = run_distillation(files, out, settings, progress=progress)
    best = max(made.looks, key=lambda look: look.score)
    say(f"Taught with {plural(made.pairs, 'pair')}: {out}")
    say(
        f"Of held-out pairs, {best.french:.1%} of the French texts are nearest to their English; "
        f"English stays within a cosine of {best.english:.4f}."
    )
