"""An answer that a language model writes from the passages found, in the asker's language.

The model proposes, and is not believed: each sentence must name its passages and be supported by them
(`search.support`), or it is left out. Where nothing remains, and where the model fails in any way, the answer
is the extractive one, and says why.
"""

import logging
import re
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from connector.errors import LanguageModelError
from search.answers import Answer, Answerer, AnswerSentence, Fallback, Passage
from search.language import LanguageDetector, base_language
from search.language_model import LanguageModel, Quotation, neutral, parse_json
from search.sentences import sentence_spans
from search.support import SourceText, SupportChecker

logger = logging.getLogger(__name__)

_MOST_PASSAGES = 8
_MOST_CHARACTERS = 1_500
_MOST_TOKENS = 700
_MOST_SENTENCES = 6
# More than this is no answer, and need not be checked.
_MOST_PROPOSED = 20
_LONGEST_SENTENCE = 500
# Fewer claim nothing, though every word of them may stand in a passage.
_LEAST_WORDS = 3
_WORD = re.compile(r"[^\W\d_]+")
# The detector is not sure of fewer words.
_TELLS_LANGUAGE_WORDS = 6
_LANGUAGE_NAMES: Final = {"fr": "French", "en": "English"}
_SCHEMA: Final[Mapping[str, Any]] = {
    "type": "object",
    "properties": {
        "sentences": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "text": {"type": "string"},
                    "sources": {"type": "array", "items": {"type": "integer"}},
                },
                "required": ["text", "sources"],
                "additionalProperties": False,
            },
        }
    },
    "required": ["sentences"],
    "additionalProperties": False,
}
# "It takes two weeks [1][3]." and, for what comes after the point, "It takes two weeks. [1, 3]".
_MARK = re.compile(r"\s*\[\s*(?:P|passages?\s*)?(\d{1,2}(?:\s*[,;]\s*\d{1,2})*)\s*\]", re.IGNORECASE)
_MARKS_AFTER_POINT = re.compile(r"([.!?…])((?:\s*\[[^\[\]\n]{1,20}\])+)")
_EMPHASIS = re.compile(r"(\*\*|__|`)(.+?)\1")
_LIST_MARK = re.compile(r"^\s*(?:[-*•]|\d{1,2}[.)])\s+")
# What speaks to a language model and not to a reader. A passage with it is not given to the model: had it
# obeyed, its sentence would be supported by the passage that ordered it.
_ORDERS = re.compile(
    r"\b(?:ignore|disregard|forget|override)\b.{0,40}\b(?:instructions?|prompts?|rules|above|previous|prior)\b"
    r"|\b(?:ignore[zr]?|oublie[zr]?|neglige[zr]?|néglige[zr]?)\b.{0,40}"
    r"\b(?:instructions?|consignes?|règles|précédente?s?|ci-dessus)\b"
    r"|\b(?:system|developer) (?:prompt|message)\b|\b(?:message|invite|prompt) système\b"
    r"|\byou are (?:now )?(?:an?|the) (?:\w+ ){0,3}(?:assistant|model|ai|chatbot)\b"
    r"|\b(?:tu es|vous êtes) (?:maintenant )?(?:un|une|le|la|l['’]) ?(?:\w+ ){0,3}(?:assistante?|modèle|ia)\b"
    r"|\bas an? (?:ai|language model)\b|\b(?:new|nouvelles?) instructions?\s*:"
    r"|\b(?:assistant|system|user)\s*:\s*\S|\b(?:answer|reply|respond) (?:only|exactly|with the words?)\b"
    r"|\b(?:réponds|répondez|répondre) (?:uniquement|seulement|exactement|par les mots)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class _Proposed:
    text: str
    numbers: tuple[int, ...]


class WrittenAnswerer:
    """An `Answerer` that lets a language model write, and checks what it wrote."""

    def __init__(
        self,
        *,
        model: LanguageModel,
        checker: SupportChecker,
        extractive: Answerer,
        detector: LanguageDetector | None = None,
    ) -> None:
        """Take who writes, who checks, and who answers when that fails.

        Args:
            model: writes.
            checker: says whether the passages support a sentence.
            extractive: answers where nothing written can be shown.
            detector: tells whether a sentence is in the asker's language; without it nobody looks.
        """
        self._model = model
        self._checker = checker
        self._extractive = extractive
        self._detector = detector

    def answer(self, question: str, *, language: str, passages: Sequence[Passage]) -> Answer | None:
        """See `Answerer`."""
        given = [p for p in passages[:_MOST_PASSAGES] if p.text.strip() and not speaks_to_a_model(p)]
        fallback: Fallback = "no answer"
        left_out = 0
        if not given:
            return self._quoted(question, language, passages, fallback, left_out)
        system, user = _prompt(question, language, given)
        try:
            reply = self._model.complete(system, user, max_tokens=_MOST_TOKENS, schema=_SCHEMA)
            proposed = list(_split(_read_reply(reply)))[:_MOST_PROPOSED]
        except LanguageModelError as e:
            logger.warning("%s; the answer is quoted instead", e)
            fallback = e.kind
        else:
            sentences, left_out = self._checked(proposed, language, given)
            if sentences:
                return Answer(sentences=sentences, language=language, written=True, left_out=left_out)
            fallback = "unsupported" if proposed else "no answer"
        return self._quoted(question, language, passages, fallback, left_out)

    def _quoted(
        self, question: str, language: str, passages: Sequence[Passage], fallback: Fallback, left_out: int
    ) -> Answer | None:
        quoted = self._extractive.answer(question, language=language, passages=passages)
        return quoted and replace(quoted, fallback=fallback, left_out=left_out)

    def _checked(
        self, proposed: Sequence[_Proposed], language: str, passages: Sequence[Passage]
    ) -> tuple[tuple[AnswerSentence, ...], int]:
        """Return the sentences that may be shown, and how many may not."""
        shown: dict[str, AnswerSentence] = {}
        left_out = 0
        for each in proposed:
            sources = tuple(passages[n - 1] for n in dict.fromkeys(each.numbers) if 1 <= n <= len(passages))
            told = len(each.text) <= _LONGEST_SENTENCE and len(_WORD.findall(each.text)) >= _LEAST_WORDS
            if not sources or not told or not self._is_in(each.text, language):
                left_out += 1
                continue
            texts = [
                SourceText(text=p.text, language=p.language, about=f"{p.title}\n{p.section}") for p in sources
            ]
            if not self._checker.check(each.text, language=language, sources=texts).supported:
                left_out += 1
            elif len(shown) < _MOST_SENTENCES:
                shown.setdefault(each.text, AnswerSentence(text=each.text, sources=sources))
        return tuple(shown.values()), left_out

    def _is_in(self, text: str, language: str) -> bool:
        if self._detector is None or len(text.split()) < _TELLS_LANGUAGE_WORDS:
            return True
        return self._detector.detect(text, fallback=base_language(language)) == base_language(language)


def speaks_to_a_model(passage: Passage) -> bool:
    """Whether a passage gives orders to a language model; one that only tells of such orders does too."""
    return gives_orders(f"{passage.title}. {passage.section}. {passage.text}")


def gives_orders(text: str) -> bool:
    """Whether a text speaks to a language model and not to a reader, or tells of such orders."""
    return _ORDERS.search(" ".join(neutral(text).split())) is not None


def _prompt(question: str, language: str, passages: Sequence[Passage]) -> tuple[str, str]:
    quotation = Quotation(secrets.token_hex(8))
    asked_in = _LANGUAGE_NAMES[base_language(language)]
    system = (
        "You answer a question of a member of a community from numbered passages of its wiki.\n"
        f"Write in {asked_in}, in one to four short sentences. Say only what the passages say, and keep "
        "their names, numbers and dates as they stand. Add nothing that you know from elsewhere.\n"
        "With each sentence give the numbers of the passages that say it. When the passages do not answer "
        "the question, give no sentence.\n"
        f"{quotation.instruction}\n"
        'Reply with JSON and nothing else: {"sentences": [{"text": "...", "sources": [1]}]}'
    )
    quoted = [quotation.quote("question", question)]
    for number, passage in enumerate(passages, start=1):
        above = " › ".join(part for part in (passage.title, passage.section) if part)
        quoted.append(quotation.quote(f"passage {number}", f"{above}\n{passage.text[:_MOST_CHARACTERS]}"))
    return system, "\n\n".join((*quoted, f"Answer the question in {asked_in}, as JSON."))


def _read_reply(reply: str) -> Iterator[_Proposed]:
    """Yield the sentences of a reply: of the JSON that was asked for, of other JSON, or of text with [1]."""
    try:
        content = parse_json(reply)
    except LanguageModelError:
        content = None
    items = content
    if isinstance(content, dict):
        items = next((content[key] for key in ("sentences", "answer", "response") if key in content), None)
    if isinstance(items, str):
        yield from _marked(items)
    elif isinstance(items, list) and (not items or any(isinstance(item, dict | str) for item in items)):
        for item in items:
            if isinstance(item, str):
                yield from _marked(item)
            elif isinstance(item, dict):
                yield from _given(item)
    elif content is None or items is not None:
        # "[1]" alone is JSON too.
        found = list(_marked(reply))
        if not any(each.numbers for each in found):
            raise LanguageModelError("the language model named no passages", kind="unreadable")
        yield from found
    else:
        raise LanguageModelError("the language model answered other JSON", kind="unreadable")


def _given(item: Mapping[str, object]) -> Iterator[_Proposed]:
    text = next((item[key] for key in ("text", "sentence") if key in item), None)
    sources = next((item[key] for key in ("sources", "passages", "citations") if key in item), None)
    listed = sources if isinstance(sources, list) else [sources]
    numbers = [number for each in listed for number in _numbers(each)]
    if isinstance(text, str) and text.strip():
        numbers += [number for mark in _MARK.finditer(text) for number in _numbers(mark[1])]
        yield _Proposed(_MARK.sub("", text), tuple(numbers))


def _numbers(value: object) -> list[int]:
    if isinstance(value, bool) or not isinstance(value, int | str):
        return []
    return [value] if isinstance(value, int) else [int(digits) for digits in re.findall(r"\d{1,3}", value)]


def _marked(text: str) -> Iterator[_Proposed]:
    """Yield the sentences of a text in which passages are named as [1]."""
    text = _MARKS_AFTER_POINT.sub(lambda m: f"{m[2]}{m[1]}", text)
    for start, end in sentence_spans(text):
        sentence = text[start:end]
        numbers = [number for mark in _MARK.finditer(sentence) for number in _numbers(mark[1])]
        if bare := _MARK.sub("", sentence).strip():
            yield _Proposed(bare, tuple(numbers))


def _split(proposed: Iterator[_Proposed]) -> Iterator[_Proposed]:
    """Yield each sentence by itself, as plain text: nothing unsupported hides behind a supported one."""
    for each in proposed:
        text = "".join(c for c in neutral(each.text) if c.isprintable() or c.isspace())
        for start, end in sentence_spans(text):
            line = _LIST_MARK.sub("", " ".join(text[start:end].split()))
            line = _EMPHASIS.sub(r"\2", line).lstrip("#> ").strip()
            if any(c.isalnum() for c in line):
                yield _Proposed(line, each.numbers)
