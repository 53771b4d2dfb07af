"""The texts of the pages: complete in French and English, well set, compiled from what the files say."""

import io
import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

WEBUI = Path(__file__).resolve().parent.parent / "webui"
LANGUAGES = ("en", "fr")
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]")


def folder(language: str) -> Path:
    return WEBUI / "translations" / language / "LC_MESSAGES"


def catalogue(language: str) -> Catalog:
    with (folder(language) / "messages.po").open("rb") as file:
        return read_po(file, locale=language)


def translated(language: str) -> list[Message]:
    return [message for message in catalogue(language) if message.id]


def texts(message: Message) -> list[str]:
    return list(message.string) if isinstance(message.string, list | tuple) else [str(message.string)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_message_of_code_and_templates_is_translated(language: str) -> None:
    keywords = {"_": None, "gettext": None, "lazy_gettext": None, "ngettext": (1, 2), "N_": None}
    methods = [("**.py", "python"), ("templates/**.html", "jinja2")]
    wanted = {found[2] for found in extract_from_dir(WEBUI, methods, keywords=keywords)}
    assert len(wanted) > 100
    complete = {message.id for message in translated(language) if all(texts(message)) and not message.fuzzy}
    assert complete == wanted


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_compiled_catalogue_is_the_one_that_stands_in_the_file(language: str) -> None:
    compiled = io.BytesIO()
    write_mo(compiled, catalogue(language))
    assert (folder(language) / "messages.mo").read_bytes() == compiled.getvalue()


@pytest.mark.parametrize("language", LANGUAGES)
def test_placeholders_are_those_of_the_message(language: str) -> None:
    for message in translated(language):
        ids = message.id if isinstance(message.id, tuple) else (message.id,)
        for text in texts(message):
            assert set(PLACEHOLDER.findall(text)) == set(PLACEHOLDER.findall(str(ids[-1]))), message.id


def test_french_is_set_as_french_is() -> None:
    for message in translated("fr"):
        for text in texts(message):
            assert "'" not in text, text
            assert "..." not in text, text
            assert not re.search(r"[^\u202f\u00a0?!][;!?]", text), f"a narrow space goes before: {text}"
            assert not re.search(r"[^\u00a0]:", text), f"a non-breaking space goes before the colon: {text}"
            assert not re.search(r"«[^\u00a0]|[^\u00a0]»", text), f"spaces go inside the quotes: {text}"
