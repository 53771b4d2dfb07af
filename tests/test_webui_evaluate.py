"""`compagnon evaluate`: 0 when all is well, 1 when the search has become worse, 2 when there was trouble."""

import json
import os
import signal
import tempfile
from pathlib import Path

import pytest

from tests.builders import HashingEmbedder
from tests.command_line import CommandLine, Outcome, assert_shape, compagnon
from tests.mediawiki import LocalWiki
from webui.bootstrap import Services
from webui.commands.evaluate import _stopped_cleanly

__all__ = ["compagnon"]  # a fixture

NAMES = ("Compost", "Couture", "Rucher", "Serrures", "Reliure", "Herbier")


@pytest.fixture
def indexed(
    fresh_wiki: LocalWiki, compagnon: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> tuple[LocalWiki, CommandLine]:
    """A small wiki, mirrored and indexed."""
    monkeypatch.setattr(Services, "embedder", HashingEmbedder())
    for number, name in enumerate(NAMES):
        after = NAMES[(number + 1) % len(NAMES)]
        text = f"Voir [[{after}|atelier voisin {number}]].\n== Prêter le {name} ==\nAu comptoir du {name}."
        fresh_wiki.edit(name, text)
        fresh_wiki.edit(f"Autre nom {number}", f"#REDIRECTION [[{name}]]")
    assert compagnon("init", "--wiki", fresh_wiki.api_url).code == 0
    assert compagnon("sync").code == 0
    assert compagnon("index").code == 0
    return fresh_wiki, compagnon


def read(path: Path) -> dict[str, object]:
    value: dict[str, object] = json.loads(path.read_text(encoding="utf-8"))
    return value


def shape_of(outcome: Outcome, code: int = 0) -> dict[str, object]:
    assert outcome.code == code, (outcome.out, outcome.err)
    shape: dict[str, object] = json.loads(outcome.out)
    assert_shape(shape, "evaluate")
    return shape


def test_an_exam_is_taken_kept_and_compared(indexed: tuple[LocalWiki, CommandLine], tmp_path: Path) -> None:
    _, compagnon = indexed
    kept = tmp_path / "exam.json"
    shape = shape_of(compagnon("evaluate", "--json", "--save", str(kept)))
    assert read(kept) == shape
    assert "comptoir" not in kept.read_text(encoding="utf-8")
    assert "Compost" not in kept.read_text(encoding="utf-8")
    by_kind = {group["kind"]: group for group in shape["results"] if group["language"] is None}  # type: ignore[attr-defined]
    # The wiki's own search is asked the words of links only: it holds the rest in its place.
    assert set(by_kind["link"]["measures"]) == {"ours", "words", "meaning", "wiki"}
    assert set(by_kind["redirect"]["measures"]) == {"ours", "words", "meaning"}

    again = shape_of(compagnon("evaluate", "--json", "--no-wiki", "--compare", str(kept)))
    assert again["compared"]["worse"] is False  # type: ignore[index]
    shown = compagnon("evaluate", "--compare", str(kept))
    assert shown.code == 0
    assert "Compagnon" in shown.out
    assert "the wiki’s own search" in shown.out
    assert "no difference beyond chance" in shown.out


def test_the_configured_cross_encoder_takes_part(
    indexed: tuple[LocalWiki, CommandLine], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, compagnon = indexed
    judged = []

    class Judge:
        def rerank(self, question: str, passages: list[str]) -> list[float]:
            judged.append(question)
            return [0.5] * len(passages)

    monkeypatch.setattr("webui.bootstrap.make_reranker", lambda config: Judge())
    shape_of(compagnon("evaluate", "--no-wiki", "--json", "--questions", "4"))
    assert judged


def test_a_loss_fails(indexed: tuple[LocalWiki, CommandLine], tmp_path: Path) -> None:
    _, compagnon = indexed
    kept = tmp_path / "exam.json"
    assert compagnon("evaluate", "--no-wiki", "--save", str(kept)).code == 0
    better = read(kept)
    for question in better["questions"]:  # type: ignore[attr-defined]
        question["ranks"]["ours"] = 1
    lost = [q for q in read(kept)["questions"] if q["ranks"]["ours"] != 1]  # type: ignore[attr-defined]
    assert len(lost) >= 4  # else there is nothing to lose
    kept.write_text(json.dumps(better), encoding="utf-8")
    shape = shape_of(compagnon("evaluate", "--no-wiki", "--json", "--compare", str(kept)), 1)
    assert shape["compared"]["worse"] is True  # type: ignore[index]
    shown = compagnon("evaluate", "--no-wiki", "--compare", str(kept))
    assert shown.code == 1
    assert "worse" in shown.out


@pytest.mark.parametrize("content", ["", "{", "[]", '{"format": 99}', "[" * 100_000, "\x00"])
def test_what_is_no_saved_exam_is_trouble(compagnon: CommandLine, tmp_path: Path, content: str) -> None:
    path = tmp_path / "exam.json"
    path.write_text(content, encoding="utf-8")
    assert str(path) in compagnon("evaluate", "--compare", str(path)).assert_one_clear_line(code=2)


def test_without_mirror_or_index_it_cannot_be_taken(compagnon: CommandLine) -> None:
    assert "compagnon sync" in compagnon("evaluate").assert_one_clear_line(code=2)


def test_an_exam_that_cannot_be_kept_is_trouble(
    compagnon: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # It is said before anything is asked: an exam takes minutes.
    monkeypatch.setattr(Services, "take_exam", pytest.fail)
    outcome = compagnon("evaluate", "--no-wiki", "--save", str(tmp_path / "absent" / "exam.json"))
    assert "cannot be saved" in outcome.assert_one_clear_line(code=2)


def test_a_wiki_that_is_gone_is_said_and_no_trouble(indexed: tuple[LocalWiki, CommandLine]) -> None:
    wiki, compagnon = indexed
    settings = compagnon.data / "compagnon.toml"
    text = settings.read_text(encoding="utf-8").replace(wiki.api_url, "http://127.0.0.1:9/api.php")
    settings.write_text(text + "\n", encoding="utf-8")
    wiki.stop()
    shape = shape_of(compagnon("evaluate", "--json", "--questions", "8"))
    assert shape["wiki_trouble"]


def test_being_told_to_end_is_an_exception_so_that_the_copy_goes() -> None:
    before = signal.getsignal(signal.SIGTERM)
    places: list[Path] = []

    def told_to_end() -> None:
        with _stopped_cleanly(), tempfile.TemporaryDirectory() as place:
            places.append(Path(place))
            os.kill(os.getpid(), signal.SIGTERM)
            signal.pause()

    with pytest.raises(KeyboardInterrupt):
        told_to_end()
    assert not places[0].exists()
    assert signal.getsignal(signal.SIGTERM) is before
