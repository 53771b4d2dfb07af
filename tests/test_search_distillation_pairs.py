"""Pairs of texts to train on: read, cleaned, sampled, held out, joined, and put into batches."""

import lzma
import os
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from connector.errors import ConfigError
from search.distillation.batches import epoch_batches
from search.distillation.pairs import (
    Pair,
    fingerprint,
    grouped,
    held_out,
    joined,
    read_pairs,
    sampled,
    worth_training,
)
from tests.invented_pairs import invented_pairs, write_pairs


def of(source: str, number: int, *, start: int = 0) -> list[Pair]:
    return [
        Pair(f"Sheet {i} of {source}.", f"Fiche {i} de {source}.", source)
        for i in range(start, start + number)
    ]


def test_a_file_is_read_in_its_order_packed_or_not(tmp_path: Path) -> None:
    pairs = invented_pairs(20)
    plain = write_pairs(tmp_path / "pairs.tsv", pairs)
    packed = tmp_path / "pairs.tsv.xz"
    packed.write_bytes(lzma.compress(plain.read_bytes()))
    assert list(read_pairs(plain)) == pairs
    assert list(read_pairs(packed)) == pairs


def test_a_pair_without_a_source_is_from_its_file_and_marks_of_spreadsheets_are_no_text(
    tmp_path: Path,
) -> None:
    path = tmp_path / "glossary.tsv"
    path.write_bytes("\ufeffsoldering iron\tfer à souder\r\n\nvice\tétau\t\n".encode())
    assert list(read_pairs(path)) == [
        Pair("soldering iron", "fer à souder", "glossary.tsv"),
        Pair("vice", "étau", "glossary.tsv"),
    ]


def test_quotation_marks_are_text_and_what_markup_leaves_is_not(tmp_path: Path) -> None:
    path = tmp_path / "pairs.tsv"
    path.write_text(
        '"Tea?" she  asked&nbsp;<b>twice</b>.\t« Du thé ? » demanda-t-elle e\u0301tonne\u0301e.\n',
        encoding="utf-8",
    )
    (pair,) = read_pairs(path)
    assert pair.english == '"Tea?" she asked twice .'
    assert pair.french == "« Du thé ? » demanda-t-elle étonnée."


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"one\tun\nonly English\n", "line 2"),
        (b"one\tun\tsource\tmore\n", "line 1"),
        ("one\tdéjà\n".encode("latin-1"), "UTF-8"),
    ],
)
def test_what_is_no_file_of_pairs_is_said(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "pairs.tsv"
    path.write_bytes(content)
    with pytest.raises(ConfigError, match=words) as caught:
        list(read_pairs(path))
    assert "\n" not in str(caught.value)
    assert str(path) in str(caught.value)


def test_a_packed_file_that_is_cut_short_or_none_is_said(tmp_path: Path) -> None:
    packed = lzma.compress(b"one\tun\n" * 10_000)
    for content in (packed[: len(packed) // 2], b"one\tun\n"):
        path = tmp_path / "pairs.tsv.xz"
        path.write_bytes(content)
        with pytest.raises(ConfigError, match="cannot be read as pairs"):
            list(read_pairs(path))


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=os.strerror(2)):
        list(read_pairs(tmp_path / "none.tsv"))


@pytest.mark.parametrize(
    ("english", "french"),
    [
        ("Compagnon 2.0", "compagnon 2.0"),  # the same
        ("12 + 30 = 42", "12 + 30 = 42 !"),  # no text
        ("ok", "oui"),
        ("See the sheet that is on the wall of the workshop, left of the door.", "Voir."),
        ("Yes.", "Voir la fiche qui est au mur de l’atelier, à gauche de la porte."),
        ("Long " * 500, "Longue " * 500),
    ],
)
def test_what_teaches_nothing_is_left_out(english: str, french: str) -> None:
    good = Pair("soldering iron", "fer à souder", "s")
    assert list(worth_training([Pair(english, french, "s"), good])) == [good]


def test_a_pair_comes_once_and_a_text_with_three_translations_at_the_most() -> None:
    again = [Pair("Next page", "Page suivante", "a"), Pair("next page!", "page suivante", "b")]
    many = [Pair(f"Click number {i}", "Cliquez ici", "a") for i in range(9)]
    kept = list(worth_training([*again, *many]))
    assert kept == [again[0], *many[:3]]


def test_a_sample_keeps_the_order_and_prefers_whole_sentences() -> None:
    sentences = of("large", 500)
    clauses = [Pair(f"and sheet {i} of it", f"et la fiche {i}", "large") for i in range(500)]
    mixed = [pair for both in zip(sentences, clauses, strict=True) for pair in both]
    small = of("small", 30)
    drawn = sampled([*mixed, *small], most={"large": 400}, seed=3)
    assert drawn == sampled([*mixed, *small], most={"large": 400}, seed=3)
    assert drawn != sampled([*mixed, *small], most={"large": 400}, seed=4)
    large = [pair for pair in drawn if pair.source == "large"]
    assert (len(large), drawn[400:]) == (400, small)
    places = [mixed.index(pair) for pair in large]
    assert places == sorted(places)
    whole = sum(pair in set(sentences) for pair in large)
    assert 240 < whole < 400


def test_of_each_source_a_tenth_at_most_is_held_out_and_of_small_ones_together() -> None:
    pairs = [
        *of("large", 2_000),
        *of("medium", 600),
        *(Pair(f"page {i}", f"fiche {i}", f"{i}") for i in range(900)),
    ]
    taught, watched = held_out(pairs, each=100, seed=7)
    assert sorted([*taught, *watched], key=pairs.index) == pairs
    assert not set(taught) & set(watched)
    counts = Counter(pair.source if pair.source in ("large", "medium") else "others" for pair in watched)
    assert counts == {"large": 100, "medium": 60, "others": 90}
    assert held_out(pairs, each=100, seed=7) == (taught, watched)


def test_sources_that_are_small_even_together_go_with_the_largest() -> None:
    pairs = [*of("tiny", 3), *of("large", 80), *of("larger", 90)]
    places = grouped(pairs, least=50)
    assert {source: len(members) for source, members in places.items()} == {"large": 80, "larger": 93}
    assert places["larger"][:3] == [0, 1, 2]
    assert grouped(of("tiny", 3), least=50) == {"": [0, 1, 2]}


def test_neighbours_of_a_source_are_joined_side_by_side() -> None:
    pairs = [*of("one", 60), *of("other", 60)]
    long = joined(pairs, seed=7)
    assert long
    for source, language in (("one", "english"), ("other", "french")):
        texts = [getattr(pair, language) for pair in pairs if pair.source == source]
        made = [getattr(pair, language) for pair in long if pair.source == source]
        assert " ".join(texts).startswith(" ".join(made))
    lengths = [len(pair.french) for pair in long]
    assert max(lengths) <= 1_000 + len(pairs[0].french) + 10
    assert len(set(lengths)) > 2
    assert joined(of("one", 1), seed=7) == []


def test_other_pairs_have_another_fingerprint() -> None:
    pairs = of("one", 3)
    others = [pairs[::-1], pairs[:2], [*pairs[:2], Pair(pairs[2].english, pairs[2].french, "two")]]
    assert fingerprint(pairs) == fingerprint(of("one", 3))
    assert len({fingerprint(some) for some in [pairs, *others]}) == 4


def test_an_epoch_has_each_text_once_in_batches_of_like_lengths() -> None:
    lengths = [int(n) for n in np.random.default_rng(1).integers(3, 90, 9_000)] + [700]
    batches = epoch_batches(lengths, tokens=512, seed=7, epoch=0)
    assert sorted(int(i) for batch in batches for i in batch) == list(range(len(lengths)))
    for batch in batches:
        assert len(batch) == 1 or max(lengths[i] for i in batch) * len(batch) <= 512
    read = sum(lengths)
    padded = sum(max(lengths[i] for i in batch) * len(batch) for batch in batches)
    assert padded < 1.05 * read


def test_the_order_is_that_of_the_seed_and_the_epoch() -> None:
    def order(*, seed: int, epoch: int) -> list[list[int]]:
        return [batch.tolist() for batch in epoch_batches([5] * 300, tokens=50, seed=seed, epoch=epoch)]

    assert order(seed=7, epoch=1) == order(seed=7, epoch=1)
    assert order(seed=7, epoch=1) != order(seed=7, epoch=2)
    assert order(seed=7, epoch=1) != order(seed=8, epoch=1)
    assert epoch_batches([], tokens=50, seed=7, epoch=0) == []
