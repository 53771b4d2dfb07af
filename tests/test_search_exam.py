"""An exam as a whole: what is asked is held out, vectors are lent, the wiki is asked, nothing stays."""

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from connector.errors import IndexNotBuiltError, WikiUnavailableError
from connector.model import Page
from connector.store import Store
from search.exam import take_exam
from search.exam_questions import WIKI_S_OWN, ExamQuestion, Kind
from search.exam_report import AskedQuestion, ExamReport, Method, results
from search.index_lock import IndexLock
from search.indexer import Index
from search.settings import SearchSettings
from tests.builders import HashingEmbedder, make_index, make_page, make_store

SUBJECTS = ("Compost", "Couture", "Rucher", "Serrures", "Reliure", "Vélos", "Herbier", "Soupe")
OTHER_NAMES = (
    "Or noir",
    "Aiguilles",
    "Abeilles",
    "Passe-partout",
    "Carnets",
    "Bicyclettes",
    "Flore",
    "Potage",
)
SETTINGS = SearchSettings(lock_wait_seconds=0.2)


def pages() -> Iterator[Page]:
    for number, (subject, name) in enumerate(zip(SUBJECTS, OTHER_NAMES, strict=True), start=1):
        after = SUBJECTS[number % len(SUBJECTS)]
        yield make_page(
            number,
            subject,
            f"{subject} : une fiche du club, qui dit comment on commence et qui peut montrer les gestes.\n"
            f"{subject} se pratique à deux, sans hâte, avec les outils de l’armoire verte.\n"
            f"Voir aussi [[{after}|atelier voisin de {subject}]].\n"
            f"== Prêter {subject} le samedi ==\n"
            f"Le prêt se fait au comptoir, et {subject} revient avant la fermeture de la salle du fond.",
        )
        yield make_page(100 + number, name, redirect=subject)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with make_store(tmp_path, pages()) as made:
        yield made


@pytest.fixture
def index(store: Store, tmp_path: Path) -> Iterator[Index]:
    made = make_index(tmp_path, store, HashingEmbedder(), settings=SETTINGS)
    made.update()
    yield made
    made.close()


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary files go."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


class Engine:
    """A wiki's own search that finds what it is told, then breaks."""

    def __init__(self, found: Sequence[int], *, answers: int = 1_000) -> None:
        self.asked: list[str] = []
        self.namespaces: set[int] = set()
        self._found, self._answers = list(found), answers

    def find(self, question: str, *, namespaces: Sequence[int], limit: int) -> list[int]:
        if len(self.asked) >= self._answers:
            raise WikiUnavailableError("the wiki is gone")
        self.asked.append(question)
        self.namespaces.update(namespaces)
        return self._found[:limit]


def of(report: ExamReport, kind: Kind) -> list[AskedQuestion]:
    return [question for question in report.questions if question.kind is kind]


def test_what_is_asked_is_nowhere_in_what_answers(store: Store, index: Index, temporary: Path) -> None:
    assert index.keywords.search(index.analyzer.query("Bicyclettes", "fr"), limit=5)
    report = take_exam(store, index=index, settings=SETTINGS)
    redirects = of(report, Kind.REDIRECT)
    assert len(redirects) == len(OTHER_NAMES)
    # The other names stand nowhere but in the redirects, which are not in the copy.
    assert [question.ranks[Method.WORDS] for question in redirects] == [0] * len(redirects)
    # Every heading and sentence has the page's own name in it: it is found by what is left.
    assert {kind for kind in Kind if of(report, kind)} == set(WIKI_S_OWN)
    assert all(question.ranks[Method.OURS] for question in of(report, Kind.HEADING))
    assert (report.pages, report.seed, report.model) == (8, 1, "hashing@1")
    assert list(temporary.iterdir()) == []


def test_the_index_and_the_mirror_stay_as_they_are(store: Store, index: Index, temporary: Path) -> None:
    before = (store.pages.fingerprint(), index.keywords.manifest(), index.vectors.ids("hashing@1"))
    take_exam(store, index=index, settings=SETTINGS)
    assert (store.pages.fingerprint(), index.keywords.manifest(), index.vectors.ids("hashing@1")) == before
    assert index.compare_with_mirror().in_step


def test_only_what_changed_is_embedded(store: Store, index: Index) -> None:
    embedder = index.embedder
    assert isinstance(embedder, HashingEmbedder)
    embedder.embedded.clear()
    take_exam(store, index=index, settings=SETTINGS, most=4)
    some = len(embedder.embedded)
    assert 0 < some <= 6
    assert some < index.keywords.counts()[1]


def test_an_index_that_another_process_has_for_itself_lends_nothing(
    store: Store, index: Index, tmp_path: Path
) -> None:
    embedder = index.embedder
    assert isinstance(embedder, HashingEmbedder)
    index.close()
    with IndexLock(tmp_path / "index").acquire(exclusive=True, wait_seconds=1):
        embedder.embedded.clear()
        report = take_exam(store, index=index, settings=SETTINGS, most=4)
    assert len(report.questions) == 4
    assert len(embedder.embedded) == report.chunks


@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError])
def test_nothing_stays_behind_when_it_is_broken_off(
    store: Store, index: Index, temporary: Path, error: type[BaseException]
) -> None:
    def stop(done: int, total: int, what: str) -> None:
        if what == "exam":
            assert [folder.name[:14] for folder in temporary.iterdir()] == ["compagnon-exam"]
            raise error

    with pytest.raises(error):
        take_exam(store, index=index, settings=SETTINGS, progress=stop)
    assert list(temporary.iterdir()) == []


def test_the_wiki_is_asked_what_it_does_not_hold_in_place(store: Store, index: Index) -> None:
    first = store.pages.require("Compost").pageid
    engine = Engine([102, first, 999])  # 102 redirects to page 2
    report = take_exam(store, index=index, settings=SETTINGS, wiki=engine)
    asked = of(report, Kind.LINK)
    assert engine.asked
    assert all(question.startswith("atelier voisin") for question in engine.asked)
    assert engine.namespaces == {0}
    assert len(asked) == len(engine.asked)
    assert sorted({question.ranks[Method.WIKI] for question in asked}) == [0, 1, 2]
    others = [question for question in report.questions if question.kind is not Kind.LINK]
    assert not any(Method.WIKI in question.ranks for question in others)
    assert report.wiki_trouble == ""


def test_a_wiki_that_breaks_is_left_out_and_said_to_be(store: Store, index: Index) -> None:
    report = take_exam(store, index=index, settings=SETTINGS, wiki=Engine([1], answers=2))
    assert report.wiki_trouble == "the wiki is gone"
    assert report.questions
    assert not any(Method.WIKI in question.ranks for question in report.questions)


def test_the_same_seed_gives_the_same_exam(store: Store, index: Index) -> None:
    first, again, other = (
        take_exam(store, index=index, settings=SETTINGS, most=6, seed=seed) for seed in (1, 1, 2)
    )
    assert first.questions == again.questions
    assert {q.digest for q in first.questions} != {q.digest for q in other.questions}


def test_the_copy_leaves_nothing_on_a_server_of_vectors(store: Store, index: Index) -> None:
    # Nothing listens there: whatever the exam wanted of that server would fail.
    settings = replace(SETTINGS, chroma_url="http://127.0.0.1:9")
    report = take_exam(store, index=index, settings=settings, most=4)
    assert len(report.questions) == 4


def test_pages_that_became_redirects_since_the_index_was_made_stop_no_exam(
    store: Store, index: Index
) -> None:
    store.pages.put_many(
        [
            make_page(1, "Compost", redirect="Couture", revid=9001),
            make_page(2, "Couture", redirect="Compost", revid=9002),
        ]
    )
    assert index.keywords.manifest().keys() >= {1, 2}
    report = take_exam(store, index=index, settings=SETTINGS)
    assert len(of(report, Kind.REDIRECT)) == len(OTHER_NAMES) - 2


class Judge:
    """Finds all passages equally good, and says what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def rerank(self, question: str, passages: Sequence[str]) -> list[float]:
        self.asked.append(question)
        return [0.5] * len(passages)


def test_who_judges_the_answers_of_members_judges_the_exam_s(store: Store, index: Index) -> None:
    judge = Judge()
    report = take_exam(store, index=index, settings=SETTINGS, reranker=judge)
    # Once each, but for what finds nothing; words alone and meaning alone have no judge.
    found = [question for question in report.questions if question.ranks[Method.OURS]]
    assert len(found) <= len(judge.asked) == len(set(judge.asked)) <= len(report.questions)


def test_what_a_sentence_quotes_need_not_stand_elsewhere(store: Store, index: Index) -> None:
    text = (
        "Au bout du jardin, on dit « c’est mûr » quand le tas ne sent plus rien du tout.\n"
        "Le tas du jardin mûrit six mois, sent la forêt, et nourrit les planches du fond au printemps."
    )
    store.pages.put_many([make_page(1, "Compost", text, revid=9_001)])
    index.update()
    report = take_exam(store, index=index, settings=SETTINGS)
    [asked] = [question for question in of(report, Kind.SENTENCE) if question.digest == _digest(text)]
    assert all(asked.ranks[method] == 1 for method in (Method.OURS, Method.WORDS, Method.MEANING))


def _digest(text: str) -> str:
    sentence = text.partition("\n")[0]
    return ExamQuestion(kind=Kind.SENTENCE, text=sentence, language="fr", pageid=1).digest


def test_without_an_index_there_is_no_exam(store: Store, tmp_path: Path) -> None:
    index = make_index(tmp_path / "none", store, HashingEmbedder(), settings=SETTINGS)
    with pytest.raises(IndexNotBuiltError):
        take_exam(store, index=index, settings=SETTINGS)


def test_what_helped_members_is_asked_apart(store: Store, index: Index) -> None:
    store.hit_feedback.judge(3, "Où sont les ruches du club ?", "helped")
    store.hit_feedback.judge(4, "Où sont les ruches du club ?", "not_helped")
    store.hit_feedback.judge(5, "Qui relie les carnets ?", "helped")
    store.hit_feedback.judge(101, "Or noir", "helped")  # a redirect, which cannot be found
    report = take_exam(store, index=index, settings=SETTINGS)
    asked = of(report, Kind.MEMBER)
    assert len(asked) == 2
    assert all(Method.OURS in question.ranks for question in asked)
    groups = results(report)
    own = sum(question.kind is not Kind.MEMBER for question in report.questions)
    assert groups[0].questions == own
    members = [group for group in groups if group.kind is Kind.MEMBER and group.language is None]
    assert [group.questions for group in members] == [2]
