"""What a student is made with."""

from dataclasses import asdict, dataclass
from typing import Any

from search.settings import DEFAULT_MODEL


@dataclass(frozen=True, slots=True, kw_only=True)
class DistillationSettings:
    """Everything but the pairs and the place; two runs with the same of all three give the same student."""

    teacher: str = DEFAULT_MODEL
    """The bundled English model, any sentence-transformers model name, or a folder that holds one."""
    words: int = 8_000
    """How many French words get rows of their own, at the most; none with 0."""
    translated_rows: bool = True
    """These rows begin as their translations' rows; else as the mean of their pieces' rows."""
    most_pairs: int = 60_000
    """Of one source: a large one would have the say."""
    most_passages: int = 5_000
    """Longer pairs of one source, made of neighbours: a passage has the tokens of some ten sentences."""
    held_out: int = 1_000
    """Pairs of each source that are never trained on, to see what is learned (a tenth of it at most)."""
    epochs: float = 2.0
    """How often each pair is seen."""
    tokens_at_once: int = 4_096
    """Of a batch, padding included."""
    learning_rate: float = 2e-4
    """At its highest: it rises in the first 3 %, and then falls to 0. A student that begins near its teacher
    loses English at 5e-4."""
    max_tokens: int = 256
    """A text longer than this is cut."""
    english_share: float = 0.25
    """Of a batch whose English is held where the teacher puts it."""
    contrast: float = 0.05
    """What it weighs that a text is nearer to its own translation than to the others of its batch."""
    temperature: float = 0.05
    """Of that contrast."""
    seed: int = 7
    device: str = "auto"
    """`cpu`, `cuda`, or `auto`: CUDA when there is one."""

    def described(self) -> dict[str, Any]:
        """Return them by name: for a model's card, and to know a run again that was cut off."""
        return asdict(self)
