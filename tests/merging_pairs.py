"""Pages of an invented community, and drafts that belong to one or to none (data/merging_pairs.toml)."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

from capture.draft import Draft, Statement


@dataclass(frozen=True, slots=True)
class InventedPage:
    """A page of the wiki."""

    title: str
    language: str
    people: str
    text: str

    @property
    def wikitext(self) -> str:
        if not self.people:
            return self.text
        return f"{{{{Practice|statut=testée|contacts={self.people}|langue={self.language}}}}}\n{self.text}"


@dataclass(frozen=True, slots=True)
class InventedDraft:
    """A draft, and the title of the page that it belongs to; None when it is a practice of its own."""

    draft: Draft
    belongs_to: str | None


def read_pairs() -> tuple[list[InventedPage], list[InventedDraft]]:
    """Return the pages and the drafts."""
    data = tomllib.loads((Path(__file__).parent / "data" / "merging_pairs.toml").read_text(encoding="utf-8"))
    drafts = [
        InventedDraft(
            Draft(
                title=each["title"],
                language=each["language"],
                fields={name: (Statement(text=text, lines=(1,)),) for name, text in each["fields"].items()},
                people=tuple(each["people"]),
                wikitext="-",
            ),
            each.get("belongs_to"),
        )
        for each in data["drafts"]
    ]
    return [InventedPage(**each) for each in data["pages"]], drafts
