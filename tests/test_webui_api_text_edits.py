"""Edits as JavaScript makes them, and links as their namespaces want them."""

from dataclasses import replace

from search.links import LinkSuggestion
from tests.community import (
    SITE,
)
from webui.api.text_edits import EditedText, link_wikitext


def test_offsets_count_as_javascript_counts() -> None:
    text = "a🔧b🔧🔧c"
    edited = EditedText(text)
    for start in range(len(text) + 1):
        units = len(text[:start].encode("utf-16-le")) // 2
        assert edited.edit(start=start, end=start, replacement="")["start"] == units


def test_a_link_is_written_as_its_namespace_wants() -> None:
    def made(text: str, target: str, *, case: str = "first-letter") -> str:
        suggestion = LinkSuggestion(
            link_text=text,
            link_target=target,
            wikitext_offset=12,
            match_index=0,
            context_before="",
            context_after="",
            score=0.7,
        )
        main = replace(SITE.namespaces[0], case=case)
        return link_wikitext(suggestion, site=replace(SITE, namespaces={**SITE.namespaces, 0: main}))

    assert made("soirée réparation", "Soirée réparation") == "[[soirée réparation]]"
    assert (
        made("soirée réparation", "Soirée réparation", case="case-sensitive")
        == "[[Soirée réparation|soirée réparation]]"
    )
    assert made("soirées", "Soirée réparation") == "[[Soirée réparation|soirées]]"
