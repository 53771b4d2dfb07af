"""Answers of the search page: written behind it, checked, and never in the way of the hits."""

import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from bs4 import BeautifulSoup

from connector.errors import ConfigError
from search.answers import Answer, AnswerSentence, ExtractiveAnswerer, Passage
from tests.builders import HashingEmbedder
from tests.chat_server import ChatServer, refuses, says, serve_chat
from tests.community import small_community
from tests.conftest import OpenPage
from tests.served_pages import served
from webui.answers import WRITTEN_AT_ONCE, Answers
from webui.app import create_app
from webui.bootstrap import Services, build_services
from webui.config import load_config

if TYPE_CHECKING:
    from playwright.sync_api import Dialog

QUESTION = "Comment accueillir un nouveau bénévole ?"
SUPPORTED = "Chaque nouveau bénévole est accueilli par deux anciens."
INVENTED = "Chaque nouveau bénévole reçoit 250 euros de la mairie de Lyon."


@pytest.fixture(scope="module")
def chat() -> Iterator[ChatServer]:
    with serve_chat() as server:
        yield server


@pytest.fixture(scope="module")
def services(chat: ChatServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    folder = tmp_path_factory.mktemp("community")
    (folder / "compagnon.toml").write_text(
        f'[search]\nlanguage_model_url = "{chat.url}/v1"\nlanguage_model = "test"\n', encoding="utf-8"
    )
    services = small_community(folder)
    yield services
    services.close()


def proposal(services: Services, *texts: str) -> object:
    """What a language model answers that takes each sentence from the passage it stands in, or the first."""
    passages = services.searcher.search(QUESTION).passages
    number = next(n for n, passage in enumerate(passages, 1) if "deux anciens" in passage.text)
    return {"sentences": [{"text": text, "sources": [number]} for text in texts]}


def read(services: Services, path: str, *, language: str = "fr") -> BeautifulSoup:
    answer = create_app(services).test_client().get(path, headers={"Accept-Language": language})
    assert answer.status_code == 200
    return BeautifulSoup(answer.text, "html.parser")


def test_the_page_comes_with_the_quoted_answer_and_asks_no_language_model(
    services: Services, chat: ChatServer
) -> None:
    chat.reply(refuses(500))
    page = read(services, f"/?q={QUESTION}")
    section = page.select_one("#answer")
    assert section
    assert section.select(".sentences p")
    assert str(section["data-answer"]).startswith("/answer?q=Comment")
    assert page.select("script[src*='answer.js']")
    assert chat.questions == []


def test_a_written_answer_names_its_pages_and_says_what_it_is(services: Services, chat: ChatServer) -> None:
    chat.reply(says(proposal(services, SUPPORTED, INVENTED)))
    part = read(services, f"/answer?q={QUESTION}", language="en")
    assert [p.text for p in part.select(".sentences p[lang]")] == [SUPPORTED]
    assert "250" not in part.text
    hints = [hint.text for hint in part.select(".hint")]
    assert hints == [
        "A language model wrote this. Each sentence was checked against the pages it names.",
        "1 sentence was left out because no page supports it.",
    ]
    link = part.select_one(".sources a")
    assert link
    assert str(link["href"]).startswith("http://wiki.invalid/wiki/Accueillir_un_nouveau_b%C3%A9n%C3%A9vole")


@pytest.mark.parametrize(
    ("status", "says_so"),
    [(401, "Le modèle de langue refuse l’accès"), (500, "Le modèle de langue ne répond pas pour le moment.")],
)
def test_without_the_language_model_the_pages_are_quoted_and_that_is_said(
    services: Services, chat: ChatServer, status: int, says_so: str
) -> None:
    chat.reply(refuses(status))
    part = read(services, f"/answer?q={QUESTION}")
    assert part.select(".sentences p")
    hint = part.select_one(".hint")
    assert hint
    assert says_so in hint.text


def test_where_nothing_answers_nobody_writes(services: Services, chat: ChatServer) -> None:
    chat.reply(says(proposal(services, SUPPORTED)))
    assert not read(services, "/?q=qsdfghjklm wxcvbn").select("#answer, script[src*='answer.js']")
    assert not read(services, "/answer?q=qsdfghjklm wxcvbn").text.strip()
    assert chat.questions == []


@pytest.mark.parametrize("question", ["", "%20", "a" * 2_000])
def test_what_is_no_question_is_refused(services: Services, question: str) -> None:
    assert create_app(services).test_client().get(f"/answer?q={question}").status_code == 400


def test_a_few_answers_are_written_at_once_and_the_others_are_quoted(services: Services) -> None:
    result = services.searcher.search(QUESTION)
    waiting, go_on = threading.Semaphore(0), threading.Event()

    class Slow:
        def answer(self, question: str, *, language: str, passages: object) -> None:
            waiting.release()
            assert go_on.wait(30)

    index = services.index
    extractive = ExtractiveAnswerer(analyzer=index.analyzer, embedder=index.embedder)
    answers = Answers(quoted=lambda: extractive, written=Slow)
    writers = [threading.Thread(target=answers.best, args=(result,)) for _ in range(WRITTEN_AT_ONCE)]
    for writer in writers:
        writer.start()
    for _ in writers:
        assert waiting.acquire(timeout=30)
    quoted: Answer | None = answers.best(result)
    go_on.set()
    for writer in writers:
        writer.join()
    assert quoted
    assert (quoted.written, quoted.fallback) == (False, "unavailable")
    assert answers.best(result) is None, "the slow one writes again"


def test_after_a_change_of_model_answers_are_compared_by_the_new_one(
    tmp_path: Path, chat: ChatServer
) -> None:
    (tmp_path / "compagnon.toml").write_text(
        f'[search]\nlanguage_model_url = "{chat.url}/v1"\nlanguage_model = "test"\n', encoding="utf-8"
    )
    services = small_community(tmp_path)
    answers = services.answers
    new = HashingEmbedder()
    services.index.change_model(new)
    result = replace(services.searcher.search(QUESTION), answerable=True)
    new.embedded.clear()
    assert answers.quoted(result)
    assert new.embedded
    new.embedded.clear()
    chat.reply(says(proposal(services, "Deux habitués prennent en charge chaque personne nouvelle.")))
    answers.best(result)
    assert "Deux habitués prennent en charge chaque personne nouvelle." in new.embedded
    services.close()


def test_the_api_gives_the_written_answer(services: Services, chat: ChatServer) -> None:
    chat.reply(says(proposal(services, SUPPORTED)))
    found = create_app(services).test_client().get(f"/api/v1/search?q={QUESTION}&answer=1").json
    assert found
    assert found["answer"]["written"]
    assert [sentence["text"] for sentence in found["answer"]["sentences"]] == [SUPPORTED]


def test_a_language_model_without_a_name_is_said_when_the_service_starts(tmp_path: Path) -> None:
    (tmp_path / "compagnon.toml").write_text('[search]\nlanguage_model_url = "http://127.0.0.1:1/v1"\n')
    services = build_services(load_config(tmp_path))
    with pytest.raises(ConfigError, match=r"needs search\.language_model"):
        _ = services.answers
    services.close()


# In a browser


@pytest.fixture
def url(services: Services) -> Iterator[str]:
    with served(services) as address:
        yield address


def test_the_written_answer_takes_the_place_of_the_quoted_one(
    open_page: OpenPage, url: str, services: Services, chat: ChatServer
) -> None:
    chat.reply(says(proposal(services, SUPPORTED)))
    page = open_page(locale="fr-FR")
    page.goto(f"{url}/?q={QUESTION}")
    page.get_by_text("Réponse rédigée par un modèle de langue.").wait_for()
    answer = page.get_by_role("region", name="Réponse")
    assert answer.locator(".sentences p[lang]").all_inner_texts() == [SUPPORTED]
    assert answer.get_by_role("status").inner_text() == "La réponse est rédigée."
    assert page.locator(".hit").count() > 0


def test_markup_in_an_answer_is_text(
    open_page: OpenPage, url: str, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    markup = "<img src=x onerror=alert(1)> <script>alert(2)</script> &lt;b&gt;"

    class Hostile:
        """Writes markup, as if no check had held it back."""

        def answer(self, question: str, *, language: str, passages: Sequence[Passage]) -> Answer:
            source = replace(passages[0], title=markup, section=markup)
            sentence = AnswerSentence(text=markup, sources=(source,))
            return Answer(sentences=(sentence,), language=language, written=True)

    hostile = Answers(quoted=Hostile, written=Hostile)
    monkeypatch.setitem(services.__dict__, "answers", hostile)
    page = open_page(locale="fr-FR")
    dialogs: list[str] = []

    def note(dialog: "Dialog") -> None:
        dialogs.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", note)
    page.goto(f"{url}/?q={QUESTION}")
    page.get_by_role("status").get_by_text("La réponse est rédigée.").wait_for(state="attached")
    assert page.locator("#answer .sentences p[lang]").inner_text() == markup
    assert page.locator("#answer .sources a").inner_text() == f"{markup} › {markup}"
    assert page.locator("#answer").locator("img, script, b").count() == 0
    assert dialogs == []


def test_a_language_model_that_fails_leaves_the_quoted_answer(
    open_page: OpenPage, url: str, chat: ChatServer
) -> None:
    chat.reply(refuses(401))
    page = open_page(locale="fr-FR")
    page.goto(f"{url}/?q={QUESTION}")
    page.get_by_text("Le modèle de langue refuse l’accès").wait_for()
    assert page.locator("#answer .sentences p").count() > 0


def test_without_scripts_the_quoted_answer_stays(open_page: OpenPage, url: str, chat: ChatServer) -> None:
    chat.reply(refuses(500))
    page = open_page(locale="fr-FR", java_script_enabled=False)
    page.goto(f"{url}/?q={QUESTION}")
    assert page.locator("#answer .sentences p").count() > 0
    assert chat.questions == []
