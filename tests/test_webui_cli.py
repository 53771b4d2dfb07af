"""The command line on the sample community: what it prints, and one clear line for each mistake."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.command_line import ROOT, SAMPLE, CommandLine, assert_shape, compagnon, sample, sample_data
from webui.cli import compagnon as group

__all__ = ["compagnon", "sample", "sample_data"]  # fixtures


@pytest.mark.model
@pytest.mark.parametrize(
    ("question", "language", "title"),
    [
        ("la cafetière fait sauter le disjoncteur", "fr", "café|cafetière|expresso|disjoncte"),
        ("what should a volunteer check before giving an appliance back?", "en", "appliance test"),
        ("comment décharger un condensateur sans danger ?", "fr", "condensateur"),
    ],
)
def test_a_question_is_answered_by_pages_and_people(
    sample: CommandLine, question: str, language: str, title: str
) -> None:
    answer = sample("search", question, "--json", "--top-k", "5").json
    assert_shape(answer, "search")
    assert answer["language"] == language
    assert 1 <= len(answer["hits"]) <= 5
    assert len({hit["pageid"] for hit in answer["hits"]}) == len(answer["hits"])
    assert re.search(title, " ".join(hit["title"] for hit in answer["hits"][:3]), re.IGNORECASE)
    assert answer["experts"]
    assert all(expert["evidence"] for expert in answer["experts"])


@pytest.mark.model
def test_experts_are_people_with_proof(sample: CommandLine) -> None:
    answer = sample("experts", "tension du fil d'une machine à coudre", "--json", "--top-k", "3").json
    assert_shape(answer, "experts")
    assert 1 <= len(answer["experts"]) <= 3
    names = [expert["name"] for expert in answer["experts"]]
    assert not [name for name in names if name.endswith("Bot") or name[0].isdigit()]


@pytest.mark.model
def test_the_same_is_readable_without_json(sample: CommandLine) -> None:
    shown = sample("search", "accueillir un visiteur", "--top-k", "2")
    assert shown.code == 0
    assert "https://reparoscope.example/wiki/" in shown.out
    assert "{" not in shown.out


@pytest.mark.model
def test_the_sentences_that_answer_come_first_with_numbered_sources(sample: CommandLine) -> None:
    question = "comment décharger un condensateur sans danger ?"
    found = sample("search", question, "--json").json
    assert found["answerable"]
    sentence = found["answer"]["sentences"][0]
    lines = sample("search", question).out.splitlines()
    assert lines[0] == f"{sentence['text']} [1]"
    source = next(line for line in lines if line.startswith("   [1] "))
    assert source.endswith(sentence["sources"][0]["url"])
    assert f"1. {found['hits'][0]['title']}" in "\n".join(lines)
    bare = sample("search", question, "--no-answer")
    assert bare.out.startswith("1. ")
    assert "answer" not in sample("search", question, "--no-answer", "--json").json


@pytest.mark.model
def test_when_nobody_has_written_about_it_that_is_said(sample: CommandLine) -> None:
    question = "recette de la tarte aux pommes normande"
    found = sample("search", question, "--json").json
    assert (found["answerable"], found["answer"]) == (False, None)
    assert found["hits"]
    shown = sample("search", question).out
    assert "Nobody seems to have written about this yet. The nearest pages:" in shown
    assert "No page has “tarte”: also searched for" in shown
    assert sample("search", "qsdfghjklm wxcvbn").out.strip() == "No page answers this."


@pytest.mark.model
def test_practices_alone_can_be_asked_for(sample: CommandLine) -> None:
    hits = sample("search", "disjoncteur", "--practices", "--json").json["hits"]
    assert hits
    assert all(hit["status"] for hit in hits)
    assert None in {hit["status"] for hit in sample("search", "disjoncteur", "--json").json["hits"]}


@pytest.mark.model
def test_related_pages_of_a_page(sample: CommandLine) -> None:
    near = sample("related", "Détartrer une machine à café", "--json", "--top-k", "3").json
    assert_shape(near, "related")
    assert len(near["related"]) == 3
    titles = [page["title"] for page in near["related"]]
    assert "Détartrer une machine à café" not in titles
    shown = sample("related", "Détartrer une machine à café", "--top-k", "3").out
    assert [line[3:].split("  ")[0] for line in shown.splitlines()[::2]] == titles
    assert "Nulle part" in sample("related", "Nulle part").assert_one_clear_line()


def test_links_are_suggested_in_their_sentence(sample: CommandLine) -> None:
    titles = [
        re.sub(r"&quot;", '"', title)
        for title in re.findall(
            r"<title>([^<:]+)</title>\s*<ns>0</ns>", (SAMPLE / "community.xml").read_text("utf-8")
        )
    ]
    found = []
    for title in titles[:8]:
        answer = sample("links", title, "--json").json
        assert_shape(answer, "links")
        found += answer["suggestions"]
    assert found, "no page of the sample has a link to suggest"


@pytest.mark.model
@pytest.mark.parametrize("name", ["notes-fr.md", "notes-en.txt"])
def test_notes_become_drafts(sample: CommandLine, name: str) -> None:
    answer = sample("capture", str(SAMPLE / name), "--json").json
    assert_shape(answer, "capture")
    assert answer["notes"]["date"]
    assert len(answer["notes"]["present"]) >= 3
    assert answer["notes"]["actions"]
    assert answer["drafts"]
    known = len((SAMPLE / name).read_text(encoding="utf-8").splitlines())
    for draft in answer["drafts"]:
        assert "{{Practice" in draft["wikitext"]
        for statements in draft["fields"].values():
            assert all(1 <= line <= known for statement in statements for line in statement["lines"])


def test_notes_can_be_read_with_nothing_set_up(compagnon: CommandLine, tmp_path: Path) -> None:
    notes = tmp_path / "n.txt"
    notes.write_text("Présents : Anne, Léo\n\nACTION: Anne appelle la mairie\n", encoding="utf-8")
    answer = compagnon("capture", str(notes), "--json").json
    assert answer["notes"]["present"] == ["Anne", "Léo"]
    assert not compagnon.data.exists()


@pytest.mark.parametrize("command", [["search", "x"], ["experts", "x"], ["index"], ["links", "X"], ["sync"]])
def test_with_nothing_set_up_each_command_says_what_to_do_first(
    compagnon: CommandLine, command: list[str]
) -> None:
    line = compagnon(*command).assert_one_clear_line()
    assert "compagnon sync" in line or "compagnon init" in line
    assert not compagnon.data.exists()


def test_the_data_is_its_owners_alone_also_in_a_folder_that_was_there(compagnon: CommandLine) -> None:
    compagnon.data.mkdir(mode=0o755, exist_ok=True)
    assert compagnon("sync", "--dump", str(SAMPLE / "community.xml")).code == 0
    kept = [path for path in compagnon.data.rglob("*") if path.is_file()]
    assert compagnon.data / "compagnon.sqlite3" in kept
    assert [path for path in kept if path.stat().st_mode & 0o077] == []


def test_searching_before_indexing_says_so(compagnon: CommandLine) -> None:
    compagnon("sync", "--dump", str(SAMPLE / "community.xml"))
    assert "compagnon index" in compagnon("search", "grille-pain").assert_one_clear_line()


def test_a_suggested_link_is_shown_in_its_own_line(sample: CommandLine) -> None:
    outcome = sample("links", "Fusible thermique")
    by_words, _, by_meaning = outcome.out.partition("See also:\n")
    lines = by_words.splitlines()
    assert len(lines) in (2, 4, 6)
    assert all("[[" in line for line in lines[::2])
    assert all(line.startswith("   → ") for line in lines[1::2])
    others = [other["title"] for other in sample("links", "Fusible thermique", "--json").json["see_also"]]
    assert others
    assert [line.strip().rpartition("  ")[0] for line in by_meaning.splitlines() if line[3] != " "] == others


def test_links_need_no_index(compagnon: CommandLine) -> None:
    compagnon("sync", "--dump", str(SAMPLE / "community.xml"))
    outcome = compagnon("links", "Fusible thermique", "--json")
    assert outcome.json["suggestions"]
    assert (outcome.json["see_also"], outcome.err) == ([], "")


@pytest.mark.model
@pytest.mark.parametrize("question", ["x" * 10_000, "", "   \n "])
def test_a_question_that_cannot_be_searched_is_one_clear_line(sample: CommandLine, question: str) -> None:
    sample("search", question).assert_one_clear_line()


@pytest.mark.model
@pytest.mark.parametrize(
    "question",
    [
        '"',
        "AND OR NOT",
        "grille* NEAR(a b)",
        "a'; DROP TABLE page; --",
        "\u202etoaster",
        "🔧",
        "title:x",
        "-(",
        "%",
    ],
)
def test_odd_questions_are_just_questions(sample: CommandLine, question: str) -> None:
    assert_shape(sample("search", "--json", "--", question).json, "search")


def test_an_unknown_page_is_one_clear_line(sample: CommandLine) -> None:
    assert "Nulle part" in sample("links", "Nulle part").assert_one_clear_line()


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"<html><body>no export</body></html>", "a.xml"),
        (b"<mediawiki><page><title>X</title>", "a.xml"),
        (b"", "a.xml"),
        (b"\x00\x01", "a.xml.bz2"),
        (b"plain", "a.xml.gz"),
        (b'<!DOCTYPE m [<!ENTITY a "b">]><mediawiki>&a;</mediawiki>', "a.xml"),
    ],
)
def test_a_file_that_is_no_export_is_one_clear_line(
    compagnon: CommandLine, tmp_path: Path, content: bytes, name: str
) -> None:
    (tmp_path / name).write_bytes(content)
    compagnon("sync", "--dump", str(tmp_path / name)).assert_one_clear_line()


def test_an_export_cut_short_loses_nothing(compagnon: CommandLine, tmp_path: Path) -> None:
    whole = SAMPLE / "community.xml"
    before = compagnon("sync", "--dump", str(whole), "--json").json
    cut = tmp_path / "cut.xml"
    cut.write_bytes(whole.read_bytes()[:200_000])
    compagnon("sync", "--dump", str(cut)).assert_one_clear_line()
    again = compagnon("sync", "--dump", str(whole), "--json").json
    assert again["unchanged"] == before["added"]
    assert again["purged"] == again["added"] == 0


@pytest.mark.parametrize(
    ("content", "says"),
    [(b"", "empty"), (b"a " * 2_600_000, "2 MB|large"), (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20, "")],
)
def test_notes_that_cannot_be_read_are_one_clear_line(
    compagnon: CommandLine, tmp_path: Path, content: bytes, says: str
) -> None:
    (tmp_path / "n.txt").write_bytes(content)
    assert re.search(says, compagnon("capture", str(tmp_path / "n.txt")).assert_one_clear_line())


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:9/api.php", "foo", "http://nowhere.invalid/api.php", "ftp://x/"]
)
def test_a_wiki_that_cannot_be_reached_is_one_clear_line(compagnon: CommandLine, address: str) -> None:
    compagnon("init", "--wiki", address).assert_one_clear_line()
    assert not compagnon.data.exists()


def test_the_model_of_the_settings_must_be_the_one_of_the_index(sample: CommandLine, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(sample.data, copy)
    (copy / "compagnon.toml").write_text('[search]\nmodel = "/no/such/model"\n', encoding="utf-8")
    sample.data = copy
    assert "/no/such/model" in sample("search", "grille-pain").assert_one_clear_line()


@pytest.mark.parametrize(
    "arguments",
    [["nosuch"], ["search"], ["search", "x", "--top-k", "0"], ["sync", "--dump", "/no/such/file"]],
)
def test_wrong_usage_is_exit_code_2(compagnon: CommandLine, arguments: list[str]) -> None:
    assert compagnon(*arguments).code == 2


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys; sys.argv = ['compagnon', '--help']\n"
        "from webui import cli\n"
        "try: cli.main()\n"
        "except SystemExit: pass\n"
        "heavy = {'torch', 'sentence_transformers', 'chromadb', 'sqlalchemy', 'flask', 'numpy', 'mwclient',"
        " 'requests'}\n"
        "sys.exit(', '.join(heavy & set(sys.modules)) or 0)"
    )
    # What others want loaded into each Python is not ours.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=ROOT, env=environment
    )
    assert done.returncode == 0, done.stderr
    for name in group.commands:
        assert name in done.stdout


def test_a_reader_who_has_had_enough_is_no_error(sample: CommandLine) -> None:
    command = f"{sys.executable} -m webui.cli --data '{sample.data}' search --help | head -1"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.stderr == ""
