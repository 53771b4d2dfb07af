"""Invented pairs of sentences, each labelled by hand: does following one go against the other?

The French ones that were written first were looked at while the rules were made (`SEEN`); the English ones,
and the French ones that were written later, were only measured (`UNSEEN`). Those for fewer false ones were
all written before the rules were run on them: `FRESH` was looked at while rules were made, `HELD` was not.
"""

import json
from pathlib import Path
from typing import Final, NamedTuple

from search.language import Language


class Pair(NamedTuple):
    """Two sentences of two pages, and whether they give opposite advice."""

    language: Language
    left: str
    right: str
    disagree: bool
    written: str
    """"first", "later", "fresh" or "held"."""


_FILE: Final = Path(__file__).parent / "data" / "disagreement_pairs.jsonl"
_PAIRS: Final = tuple(Pair(**json.loads(line)) for line in _FILE.read_text(encoding="utf-8").splitlines())
SEEN: Final = tuple(pair for pair in _PAIRS if (pair.language, pair.written) == ("fr", "first"))
UNSEEN: Final = tuple(
    pair for pair in _PAIRS if (pair.language, pair.written) in {("en", "first"), ("fr", "later")}
)
FRESH: Final = tuple(pair for pair in _PAIRS if pair.written == "fresh")
HELD: Final = tuple(pair for pair in _PAIRS if pair.written == "held")
