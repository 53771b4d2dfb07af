"""The benchmark of See also in its smallest size, on invented pages: what is hidden, learnt and counted."""

import json
import lzma

import pytest

from benchmarks.link_sets import LinkedWiki, read_linked_wikis
from benchmarks.see_also import Outcome, examples_of, learn, measure
from benchmarks.see_also_sets import hidden_links
from search.see_also_score import FEATURES
from tests.builders import HashingEmbedder

TEXTS = {
    "Pruning": (
        "Cut the branches of apple trees in winter, above a bud. A [[Saw]] helps.\n"
        "== See also ==\n* [[Grafting]], its sister\n* [https://example.org]\n== Notes ==\nNone."
    ),
    "Grafting": "Cut a branch of an apple tree above a bud and bind it to another [[Rootstock|young tree]].",
    "Saw": "Cuts branches. Lent to members, see [[Pruning]].",
    "Rootstock": "A young tree that bears the branches of another. See [[Grafting]].",
    "Tomatoes": "Sown in March. Not a [[Rootstock]], and no saw; cut with a [[Saw]].",
    "Sawing": "#REDIRECT [[Saw]]",
}


@pytest.fixture(scope="module")
def wiki(tmp_path_factory: pytest.TempPathFactory) -> LinkedWiki:
    folder = tmp_path_factory.mktemp("sets") / "en-invented"
    folder.mkdir()
    rows = [{"seq": n, "page": t, "text": x, "deleted": False} for n, (t, x) in enumerate(TEXTS.items())]
    with lzma.open(folder / "revisions.jsonl.xz", "wt", encoding="utf-8") as file:
        file.writelines(f"{json.dumps(row)}\n" for row in rows)
    (found,) = read_linked_wikis([folder])
    return found


def test_links_that_no_word_leads_to_are_taken_out_and_others_stay(wiki: LinkedWiki) -> None:
    hidden = {each.page.title: each for each in hidden_links(wiki).values()}
    assert {title: set(each.targets) for title, each in hidden.items()} == {
        "Pruning": {"Grafting"},
        "Grafting": {"Rootstock"},
    }
    assert hidden["Pruning"].in_section == {"Grafting"}
    assert not hidden["Grafting"].in_section
    assert hidden["Pruning"].page.wikitext == TEXTS["Pruning"].replace("\n* [[Grafting]], its sister", "\n")
    assert hidden["Grafting"].page.wikitext == TEXTS["Grafting"].replace(
        "[[Rootstock|young tree]]", "young tree"
    )


def test_each_method_is_asked_for_what_was_taken_out(wiki: LinkedWiki) -> None:
    learnt = learn([examples_of(wiki, HashingEmbedder())])
    assert len(learnt.with_links) == len(learnt.without_links) == 1 + len(FEATURES)
    assert learnt.without_links[3:] == (0.0, 0.0, 0.0)
    outcomes, took = measure(wiki, HashingEmbedder(), unseen=learnt)
    assert len(took) == 2
    assert len(outcomes) == 6
    assert all(outcome.targets.keys() == outcomes["ours"].targets.keys() for outcome in outcomes.values())
    assert outcomes["words alone"].at_five() == (0.2, 1.0)


def test_the_first_five_of_a_page_are_counted() -> None:
    outcome = Outcome()
    outcome.add(1, [(0.1 * other, other) for other in range(8)], frozenset({7, 4, 1}))
    outcome.add(2, [(0.3, 5)], frozenset({6}))
    assert outcome.at_five() == pytest.approx((2 / 2 / 5, 2 / 3 / 2))
    assert outcome.above(0.65) == pytest.approx((1, 1.0, 1 / 4))
    assert outcome.above(0.25) == pytest.approx((6, 2 / 6, 2 / 4))
