"""Questions whose answers are known, and the pages that hold them, from a folder of data that stays outside.

The folder may hold:

- `retrieval/*/spf_qr_test.json.xz`, `retrieval/*/piaf-*.json.xz`: texts in paragraphs with questions (SQuAD);
- `practices/*/*.tar.xz`: practices in Markdown. What sums one up (a subtitle, a summary, a "patlet") is taken
  out of its page and asked for it; where two folders have files of one name in French and in English, each
  language's is asked for the other's page too.

What is left out of a page is nowhere else in it, so that no page is found by its own question.
"""

import json
import lzma
import random
import re
import tarfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_MOST_QUESTIONS = 1_000
_LEAST_WORDS = 4
_LEAST_PAGE_WORDS = 25
_ABOUT_THE_PAGE = ("Title", "Patlet", "Status", "Authors", "Author", "Acknowledgments", "Acknowledgements")

_HEADING = re.compile(r"^(#{2,5}) +(.+?) *#*$", re.MULTILINE)
_MARKUP = re.compile(r"!\[[^\]]*\]\([^)]*\)|\{\{.*?\}\}|\{:.*?\}|<[^>]*>")
_LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")
_SUMMARY = re.compile(r"<summary>(.*?)</summary>", re.DOTALL)
_TITLE = re.compile(r"^# +(.+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, and the title of the page that answers."""

    text: str
    page: str
    language: str
    span: str = ""
    """The words of the page that answer; empty where nobody marked them."""


@dataclass(frozen=True, slots=True)
class QuestionSet:
    """Pages (wikitext by title) of one language, and what is asked of them."""

    name: str
    language: str
    pages: Mapping[str, str]
    questions: tuple[Question, ...]


def read_question_sets(folder: Path, *, most: int = _MOST_QUESTIONS) -> list[QuestionSet]:
    """Read all sets that `folder` holds.

    Args:
        folder: the data.
        most: of more questions than this a sample is taken, always the same.

    Raises:
        FileNotFoundError: it holds none.
    """
    sets = [
        *_read_paragraphs(folder, "spf_qr_test.json.xz", "fr"),
        *_read_paragraphs(folder, "piaf-*.json.xz", "fr"),
        *_read_practices(folder),
    ]
    if not sets:
        raise FileNotFoundError(f"{folder} holds no questions: see benchmarks/question_sets.py")
    return [_sampled(each, most) for each in sets]


def _sampled(given: QuestionSet, most: int) -> QuestionSet:
    if len(given.questions) <= most:
        return given
    sample = random.Random(1).sample(given.questions, most)  # noqa: S311 - a sample, no secret
    return QuestionSet(given.name, given.language, given.pages, tuple(sample))


def _read_paragraphs(folder: Path, pattern: str, language: str) -> Iterator[QuestionSet]:
    for path in sorted(folder.glob(f"retrieval/*/{pattern}")):
        with lzma.open(path, "rt", encoding="utf-8") as file:
            articles = json.load(file)["data"]
        pages: dict[str, str] = {}
        questions: dict[str, Question] = {}
        for article in articles:
            for paragraph in article["paragraphs"]:
                title = _unused(article["title"], pages)
                pages[title] = _escaped(paragraph["context"])
                for asked in paragraph.get("qas", ()):
                    spans = [answer["text"] for answer in asked.get("answers", ()) if answer.get("text")]
                    text = asked.get("question", "").strip()
                    if text and spans:
                        questions[text] = Question(text, title, language, spans[0])
        yield QuestionSet(path.parent.name, language, pages, tuple(questions.values()))


def _read_practices(folder: Path) -> Iterator[QuestionSet]:
    read: dict[str, dict[str, _Practice]] = {}
    for path in sorted(folder.glob("practices/*/*.tar.xz")):
        practices = dict(_practices(path))
        if any(practice.summary for practice in practices.values()):
            read[path.parent.name] = practices
    for name, practices in read.items():
        yield _asked(name, name[:2], practices, practices)
    # Files of one name in both languages say the same.
    for name, practices in read.items():
        for other, translated in read.items():
            if name[:2] != other[:2] and len(practices.keys() & translated.keys()) > len(practices) / 2:
                yield _asked(f"{name[:2]} question → {other}", name[:2], practices, translated)


@dataclass(frozen=True, slots=True)
class _Practice:
    title: str
    summary: str
    wikitext: str


def _asked(
    name: str, language: str, asking: Mapping[str, _Practice], answering: Mapping[str, _Practice]
) -> QuestionSet:
    pages: dict[str, str] = {}
    titles: dict[str, str] = {}
    for file, practice in answering.items():
        titles[file] = title = _unused(practice.title, pages)
        pages[title] = practice.wikitext
    questions = [
        Question(practice.summary, titles[file], language)
        for file, practice in asking.items()
        if file in titles and len(practice.summary.split()) >= _LEAST_WORDS
    ]
    if asking is not answering:
        # A title is the shortest question there is; within one language it would be found by itself.
        questions += [Question(p.title, titles[f], language) for f, p in asking.items() if f in titles]
    return QuestionSet(name, language, pages, tuple(dict.fromkeys(questions)))


def _practices(path: Path) -> Iterator[tuple[str, _Practice]]:
    language = path.parent.name[:2]
    with tarfile.open(path) as archive:
        for member in archive:
            source = archive.extractfile(member) if member.name.endswith(".md") else None
            if source is None:
                continue
            practice = _practice(source.read().decode("utf-8"))
            if practice is None or len(practice.wikitext.split()) < _LEAST_PAGE_WORDS:
                continue
            if language == "fr" and not _looks_french(practice.wikitext):
                continue  # nobody has translated it yet
            yield member.name, practice


def _practice(text: str) -> _Practice | None:
    if text.startswith("---"):
        _, front, body = text.split("---", 2)
        fields = _front_matter(front)
        title, summary = fields.get("title", ""), fields.get("subtitle", "")
        body = "\n\n".join([fields.get("whatIs", ""), fields.get("whyDo", ""), fields.get("howTo", ""), body])
    elif (patlet := _section(text, "Patlet")) is not None:
        title, summary = _section(text, "Title") or "", patlet
        # What is said about the page is no text of it either.
        for heading in _ABOUT_THE_PAGE:
            text = _without_section(text, heading)
        body = text
    else:
        found = _TITLE.search(text)
        if found is None:
            return None
        title, body = found[1], text[found.end() :]
        given = _SUMMARY.search(body)
        summary, body = (given[1] if given else ""), _SUMMARY.sub("", body)
    title, summary = _plain(title), _plain(summary)
    return _Practice(title, summary, _wikitext(body)) if title else None


def _front_matter(text: str) -> dict[str, str]:
    """Read the scalars of YAML's front matter: plain, quoted and folded, which is all these files have."""
    fields: dict[str, str] = {}
    key = ""
    for line in text.split("\n"):
        if found := re.match(r"([A-Za-z]+):(.*)$", line):
            key = found[1]
            value = found[2].strip()
            fields[key] = "" if re.fullmatch(r"[>|][-+]?\d?", value) else value.strip("\"'")
        elif key and (line.startswith(" ") or not line.strip()):
            fields[key] += "\n" + line.strip()
    return fields


def _section(text: str, heading: str) -> str | None:
    found = re.search(rf"^## +{heading} *$\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    return found[1].strip() if found else None


def _without_section(text: str, heading: str) -> str:
    return re.sub(rf"^## +{heading} *$\n.*?(?=^## |\Z)", "", text, flags=re.MULTILINE | re.DOTALL)


def _wikitext(markdown: str) -> str:
    text = _LINK.sub(r"\1", _MARKUP.sub("", markdown))
    text = _HEADING.sub(lambda m: f"{'=' * len(m[1])} {m[2]} {'=' * len(m[1])}", text)
    text = re.sub(r"(\*\*|__)(.+?)\1", r"\2", text)
    return _escaped(re.sub(r"^ *[-*+] +", "* ", text, flags=re.MULTILINE)).strip()


def _escaped(text: str) -> str:
    return re.sub(r"\[\[|\]\]|\{\{|\}\}|\{\||\|\}|''+", "", text)


def _plain(text: str) -> str:
    return " ".join(re.sub(r"[*_`\"]+", "", _LINK.sub(r"\1", _MARKUP.sub("", text))).split())


def _unused(title: str, taken: Mapping[str, Any]) -> str:
    cleaned = re.sub(r"[\[\]{}|#<>_]+", " ", title).strip() or "Page"
    number = 1
    while (unused := cleaned if number == 1 else f"{cleaned} ({number})") in taken:
        number += 1
    return unused


def _looks_french(text: str) -> bool:
    words: Sequence[str] = re.findall(r"\w+", text.casefold())
    french = sum(word in {"le", "la", "les", "des", "et", "une", "pour", "dans"} for word in words)
    english = sum(word in {"the", "and", "of", "to", "a", "for", "is"} for word in words)
    return french > english
