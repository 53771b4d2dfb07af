"""French words that get a row of their own in a model's vocabulary, and what stands in it before training.

An English WordPiece vocabulary cuts French into pieces that mean nothing: "réunion" is "re", "##uni", "##on".
A word that is whole is one token instead of three (faster), and its row can begin where its translation
stands (better than any mean of pieces): Minixhofer et al. 2022, https://arxiv.org/abs/2112.06598.
"""

import json
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import numpy.typing as npt

from connector.errors import ConfigError
from search.distillation.pairs import Pair
from search.distillation.word_translations import learn_translations

if TYPE_CHECKING:
    from tokenizers import Tokenizer

Rows = npt.NDArray[np.float32]

TOKENIZER_FILE = "tokenizer.json"
# A word is learned from the texts that hold it; of fewer, chance is learned.
_LEAST_COUNT = 4
# A token of the vocabulary is French in fact when it is so much more frequent in French: "les".
_FRENCH_TIMES = 50
# Of a word's translations, what is likelier than this counts.
_LEAST_SHARE = 0.1
# An English word that a French one would cut in two differently stays as it is, unless the French one is so
# much more frequent.
_WORTH_A_CUT = 20
# Formulas have Greek letters, in both languages.
_LAST_GREEK = 0x3FF


@dataclass(frozen=True, slots=True)
class FrenchRows:
    """Words to be whole tokens, and the rows of these and of tokens that are French in fact."""

    words: tuple[str, ...]
    rows: Mapping[str, Rows]
    """By word or token, shape [dimension]."""


def choose_rows(
    folder: Path, pairs: Sequence[Pair], embeddings: Rows, *, most: int, translated: bool = True
) -> FrenchRows:
    """Choose the French words that deserve a row, most frequent first, and what stands in it.

    Args:
        folder: of the English model.
        pairs: texts that hold the words, and what they say in English.
        embeddings: of the model's tokens, shape [tokens, dimension].
        most: how many words.
        translated: a row begins as the mean of its translations' rows; else of its pieces' rows.

    Raises:
        ConfigError: the model has no WordPiece vocabulary.
    """
    tokenizer = _open(folder)
    vocabulary = tokenizer.get_vocab()
    french = [_words(tokenizer, pair.french) for pair in pairs]
    counts = Counter(word for words in french for word in words)
    english_counts = Counter(word for pair in pairs for word in _words(tokenizer, pair.english))
    wanted = [
        word
        for word, count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
        if count >= _LEAST_COUNT and word.isalpha() and word not in vocabulary
    ]
    words = _without_cuts(folder, wanted[:most], counts, english_counts)
    if not translated:
        rows = {word: _mean_of_pieces(tokenizer, word, embeddings) for word in words}
        return FrenchRows(tuple(words), rows)
    known = [word for word, count in counts.items() if count > 1]
    numbers = {word: i for i, word in enumerate(known)}
    english = tokenizer.encode_batch([pair.english for pair in pairs], add_special_tokens=False)
    translations = learn_translations(
        [
            ([numbers[word] for word in words_of if word in numbers], encoding.ids)
            for words_of, encoding in zip(french, english, strict=True)
        ],
        words=len(known),
        tokens=max(vocabulary.values()) + 1,
    )
    # A token begins English words, too: "de" is "deduction".
    tokens_of_english = Counter(number for encoding in english for number in encoding.ids)
    misplaced = [
        word
        for word in known
        if word in vocabulary
        and word.isalpha()
        and counts[word] > _FRENCH_TIMES * (1 + tokens_of_english[vocabulary[word]])
    ]
    rows = {}
    for word in (*words, *misplaced):
        tokens, shares = translations.of(numbers[word])
        likely = shares >= _LEAST_SHARE
        if likely.any():
            rows[word] = _weighted(embeddings[tokens[likely]], shares[likely])
        elif word not in vocabulary:
            rows[word] = _mean_of_pieces(tokenizer, word, embeddings)
    return FrenchRows(tuple(words), rows)


def add_words(folder: Path, words: Collection[str]) -> dict[str, int]:
    """Make words whole tokens of a folder's tokenizer; return the number of each, old or new.

    Places that the vocabulary keeps free (`[unused0]`) are taken first, then those of letters that neither
    French nor English has; what is left comes behind the last one.

    Raises:
        ConfigError: the model has no WordPiece vocabulary.
    """
    path = folder / TOKENIZER_FILE
    described = _described(path)
    vocabulary: dict[str, int] = described["model"]["vocab"]
    added = {token["content"]: token["id"] for token in described.get("added_tokens") or ()}
    wanted = set(words)
    free = sorted(
        (token for token in vocabulary if _is_free(token) and token not in added and token not in wanted),
        key=lambda token: (not token.startswith("[unused"), vocabulary[token]),
        reverse=True,
    )
    following = max((*vocabulary.values(), *added.values())) + 1
    for word in words:
        if word in vocabulary:
            continue
        if free:
            vocabulary[word] = vocabulary.pop(free.pop())
        else:
            vocabulary[word], following = following, following + 1
    described["model"]["vocab"] = dict(sorted(vocabulary.items(), key=lambda item: item[1]))
    path.write_text(json.dumps(described, ensure_ascii=False), encoding="utf-8")
    if (folder / "vocab.txt").exists():
        numbers = {**vocabulary, **added}
        lines = sorted(numbers, key=numbers.__getitem__)
        (folder / "vocab.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return {word: vocabulary[word] for word in words}


def has_word_pieces(tokenizer: Mapping[str, Any]) -> bool:
    """Whether a tokenizer, as `tokenizer.json` describes it, has a vocabulary that words can be added to."""
    return bool(tokenizer["model"].get("type") == "WordPiece")


def _without_cuts(
    folder: Path, words: Sequence[str], counts: Mapping[str, int], english_counts: Mapping[str, int]
) -> list[str]:
    """Leave out words that would cut English words differently: WordPiece takes the longest beginning."""
    from tokenizers import Tokenizer

    before = _open(folder)
    described = _described(folder / TOKENIZER_FILE)
    kept = list(words)
    english = sorted(english_counts)
    while True:
        vocabulary = dict(described["model"]["vocab"])
        vocabulary |= {word: len(vocabulary) + i for i, word in enumerate(kept)}
        changed = {**described, "model": {**described["model"], "vocab": vocabulary}}
        after = Tokenizer.from_str(json.dumps(changed))
        new = set(kept)
        culprits: Counter[str] = Counter()
        for word, old, now in zip(english, _pieces(before, english), _pieces(after, english), strict=True):
            if old != now:
                culprits.update({piece: english_counts[word] for piece in now if piece in new})
        harmful = {word for word, count in culprits.items() if count * _WORTH_A_CUT > counts[word]}
        if not harmful:
            return kept
        kept = [word for word in kept if word not in harmful]


def _open(folder: Path) -> "Tokenizer":
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_str(json.dumps(_described(folder / TOKENIZER_FILE)))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


def _described(path: Path) -> dict[str, Any]:
    try:
        described = json.loads(path.read_text(encoding="utf-8"))
    except OSError as e:
        raise ConfigError(f"{path} cannot be read: words can be added to a WordPiece vocabulary only") from e
    if not has_word_pieces(described):
        raise ConfigError(f"{path}: words can be added to a WordPiece vocabulary only")
    return cast("dict[str, Any]", described)


def _words(tokenizer: "Tokenizer", text: str) -> list[str]:
    normal = text if tokenizer.normalizer is None else tokenizer.normalizer.normalize_str(text)
    return [word for word, _ in tokenizer.pre_tokenizer.pre_tokenize_str(normal)]


def _pieces(tokenizer: "Tokenizer", words: Sequence[str]) -> list[list[str]]:
    return [e.tokens for e in tokenizer.encode_batch(list(words), add_special_tokens=False)]


def _is_free(token: str) -> bool:
    letters = token.removeprefix("##")
    return token.startswith("[unused") or any(c.isalpha() and ord(c) > _LAST_GREEK for c in letters)


def _mean_of_pieces(tokenizer: "Tokenizer", word: str, embeddings: Rows) -> Rows:
    ids = tokenizer.encode(word, add_special_tokens=False).ids
    return _weighted(embeddings[ids], np.full(len(ids), 1 / len(ids)))


def _weighted(rows: Rows, shares: npt.NDArray[np.float64]) -> Rows:
    """Return the weighted mean, as long as the rows are: means of many directions are short."""
    shares = shares / shares.sum()
    mean = shares @ rows
    length = float(shares @ np.linalg.norm(rows, axis=1))
    return np.asarray(mean * (length / max(float(np.linalg.norm(mean)), 1e-12)), dtype=np.float32)
