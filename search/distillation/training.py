"""The lessons: a student puts French, and English, where its teacher puts the English.

Knowledge distillation on parallel text (Reimers & Gurevych 2020, https://arxiv.org/abs/2004.09813), with
cosines instead of squared distances, and a contrast within the batch (van den Oord et al. 2018,
https://arxiv.org/abs/1807.03748) that keeps like texts apart. No dropout: the targets are exact, and a run
that was cut off goes on as if it had not been.
"""

import os
import time
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from connector.errors import SearchError
from connector.progress import Progress
from search.distillation.batches import epoch_batches
from search.distillation.run_folder import whole
from search.distillation.settings import DistillationSettings
from search.question_encoder import batches_by_length

if TYPE_CHECKING:
    import torch

Tokens = Sequence[npt.NDArray[np.int32]]
Vectors = npt.NDArray[np.float32]

CHECKPOINT_FILE = "checkpoint.pt"
BEST_FILE = "best.pt"
_CHECKPOINT_SECONDS = 120.0
# The rate rises in so much of the steps, and falls in the rest.
_WARM_UP = 0.03
_LOOKS = 20
# Two texts of a batch that the teacher can hardly tell apart are no wrong answers to each other.
_THE_SAME = 0.95
_LEAST_CONTRASTED = 4


@dataclass(frozen=True, slots=True)
class Lessons:
    """Texts as tokens, and where their English belongs."""

    french: Tokens
    english: Tokens
    targets: Vectors
    """Shape [n, dimension], length 1; any float type."""


@dataclass(frozen=True, slots=True)
class Look:
    """What was seen of the held-out pairs after some steps."""

    step: int
    french: float
    """Share of French texts nearest, of all English ones of their source, to what they say."""
    english: float
    """Mean cosine of the student's English to the teacher's."""

    @property
    def score(self) -> float:
        """Higher is better: of two that are as good in French, the one that has kept its English better."""
        return self.french + self.english


@dataclass(slots=True)
class _State:
    step: int = 0
    looks: list[Look] = field(default_factory=list)


class Encoder:
    """A student's transformer, from tokens to vectors of length 1."""

    def __init__(self, network: Any, *, device: str, bf16: bool) -> None:
        self.network = network
        self.device = device
        self._bf16 = bf16

    def __call__(self, texts: Tokens) -> "torch.Tensor":
        """Return shape [len(texts), dimension], float32; gradients flow."""
        import torch

        ids = np.zeros((len(texts), max(len(text) for text in texts)), dtype=np.int64)
        mask = np.zeros(ids.shape, dtype=np.int64)
        for row, text in enumerate(texts):
            ids[row, : len(text)] = text
            mask[row, : len(text)] = 1
        seen = torch.from_numpy(mask).to(self.device)
        with self._precision():
            states = self.network(
                input_ids=torch.from_numpy(ids).to(self.device), attention_mask=seen
            ).last_hidden_state
        weights = seen.unsqueeze(-1).float()
        return torch.nn.functional.normalize((states.float() * weights).sum(1) / weights.sum(1), dim=1)

    def rows(self, texts: Tokens, *, tokens_at_once: int) -> Vectors:
        """Return the vectors of any number of texts, in their order."""
        import torch

        lengths = [len(text) for text in texts]
        dimension = self.network.config.hidden_size
        found = np.zeros((len(texts), dimension), dtype=np.float32)
        with torch.inference_mode():
            for batch in batches_by_length(lengths, tokens=tokens_at_once):
                found[batch] = self([texts[i] for i in batch]).cpu().numpy()
        return found

    def _precision(self) -> AbstractContextManager[Any]:
        import torch

        return torch.autocast(self.device.split(":")[0], torch.bfloat16) if self._bf16 else nullcontext()


class Course:
    """One run of lessons, in a folder that keeps how far it is.

    Args:
        encoder: the student.
        lessons: what it learns.
        watched: what it is looked at with, by source.
        settings: of the run.
        folder: where its checkpoint is; one that is there is gone on from.
    """

    def __init__(
        self,
        encoder: Encoder,
        lessons: Lessons,
        watched: Sequence[Lessons],
        settings: DistillationSettings,
        folder: Path,
    ) -> None:
        import torch

        self._encoder = encoder
        self._lessons = lessons
        self._watched = watched
        self._settings = settings
        self._folder = folder
        self._state = _State()
        encoder.network.eval()  # no dropout
        self._parameters = [p for p in encoder.network.parameters() if p.requires_grad]
        self._optimizer = torch.optim.AdamW(
            self._parameters, lr=settings.learning_rate, weight_decay=0.0, fused=True
        )

    def run(self, progress: Progress | None = None) -> list[Look]:
        """Teach from where the run was cut off to its end; the network has the best weights then.

        Raises:
            SearchError: the lessons went astray (a loss is no number), or a file cannot be written.
        """
        import torch

        self._resume()
        lengths = [len(text) for text in self._lessons.french]
        plan = self._epoch(lengths, 0)
        steps = max(1, round(len(plan) * self._settings.epochs))
        every = max(1, steps // _LOOKS)
        saved = time.monotonic()
        epoch, begun = 0, 0
        while self._state.step < steps:
            while self._state.step >= begun + len(plan):
                begun += len(plan)
                epoch += 1
                plan = self._epoch(lengths, epoch)
            self._learn(plan[self._state.step - begun], steps)
            self._state.step += 1
            if progress is not None:
                progress(self._state.step, steps, "lessons")
            if self._state.step % every == 0 or self._state.step == steps:
                self._look()
                saved = self._save()
            elif time.monotonic() - saved > _CHECKPOINT_SECONDS:
                saved = self._save()
        best = torch.load(self._folder / BEST_FILE, weights_only=True, map_location=self._encoder.device)
        self._encoder.network.load_state_dict(best)
        return self._state.looks

    def _epoch(self, lengths: Sequence[int], epoch: int) -> list[npt.NDArray[np.int64]]:
        settings = self._settings
        return epoch_batches(lengths, tokens=settings.tokens_at_once, seed=settings.seed, epoch=epoch)

    def _learn(self, batch: npt.NDArray[np.int64], steps: int) -> None:
        import torch
        from torch.nn.functional import cross_entropy, normalize

        settings = self._settings
        done = self._state.step / steps
        for group in self._optimizer.param_groups:
            group["lr"] = settings.learning_rate * min((done + 1 / steps) / _WARM_UP, 1 - done)
        targets = torch.from_numpy(self._lessons.targets[batch].astype(np.float32))
        targets = normalize(targets.to(self._encoder.device), dim=1)
        french = self._encoder([self._lessons.french[i] for i in batch])
        loss = (1 - (french * targets).sum(1)).mean()
        if len(batch) >= _LEAST_CONTRASTED:
            alike = (targets @ targets.T > _THE_SAME).fill_diagonal_(False)
            scores = (french @ targets.T / settings.temperature).masked_fill(alike, float("-inf"))
            own = torch.arange(len(batch), device=scores.device)
            loss = loss + settings.contrast * cross_entropy(scores, own)
        # The batch is sorted by length: its English is drawn from all of it.
        some = np.random.default_rng([settings.seed, self._state.step]).permutation(len(batch))
        some = np.sort(some[: round(len(batch) * settings.english_share)])
        if len(some):
            english = self._encoder([self._lessons.english[i] for i in batch[some]])
            loss = loss + (1 - (english * targets[torch.from_numpy(some)]).sum(1)).mean()
        if not torch.isfinite(loss):
            raise SearchError("the student's lessons went astray: try a lower learning rate")
        self._optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self._parameters, 1.0)
        self._optimizer.step()

    def _look(self) -> None:
        right: list[float] = []
        near: list[float] = []
        for watched in self._watched:
            french, english = (
                self._encoder.rows(texts, tokens_at_once=self._settings.tokens_at_once)
                for texts in (watched.french, watched.english)
            )
            right.append(float(np.mean(np.argmax(french @ english.T, axis=1) == np.arange(len(french)))))
            near.append(float(np.mean(np.sum(english * watched.targets, axis=1))))
        look = Look(self._state.step, float(np.mean(right)), float(np.mean(near)))
        if all(look.score > earlier.score for earlier in self._state.looks):
            _replace(self._folder / BEST_FILE, self._encoder.network.state_dict())
        self._state.looks.append(look)

    def _save(self) -> float:
        state = {
            "step": self._state.step,
            "looks": [(look.step, look.french, look.english) for look in self._state.looks],
            "network": self._encoder.network.state_dict(),
            "optimizer": self._optimizer.state_dict(),
        }
        _replace(self._folder / CHECKPOINT_FILE, state)
        return time.monotonic()

    def _resume(self) -> None:
        import torch

        path = self._folder / CHECKPOINT_FILE
        if not path.exists():
            return
        state = torch.load(path, weights_only=True, map_location=self._encoder.device)
        self._encoder.network.load_state_dict(state["network"])
        self._optimizer.load_state_dict(state["optimizer"])
        self._state = _State(state["step"], [Look(*look) for look in state["looks"]])


def _replace(path: Path, value: object) -> None:
    """Write a file that is the old one or the new one, whenever the process ends.

    Raises:
        SearchError: it cannot be written.
    """
    import torch

    with whole(path) as draft, draft.open("wb") as file:
        try:
            torch.save(value, file)
        except RuntimeError as e:  # of torch's writer, when a write falls short
            raise SearchError(f"{path} cannot be written: {e}") from e
        file.flush()
        os.fsync(file.fileno())
