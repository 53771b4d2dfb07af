"""Forms of the review pages, read and filled as a browser does it."""

from bs4 import BeautifulSoup
from werkzeug.test import TestResponse


def soup(answer: TestResponse) -> BeautifulSoup:
    return BeautifulSoup(answer.text, "html.parser")


def fields(page: BeautifulSoup, form: str = "form[data-draft]") -> dict[str, str]:
    """What a browser would send of a form as it stands, but for the button."""
    found = page.select_one(form)
    assert found
    sent = {}
    for field in found.select("input[name], textarea[name], select[name]"):
        if field.get("type") in ("checkbox", "radio") and not field.has_attr("checked"):
            continue
        if field.name == "select":
            chosen = field.select_one("option[selected]") or field.select_one("option")
            assert chosen
            sent[str(field["name"])] = str(chosen["value"])
        else:
            sent[str(field["name"])] = field.text if field.name == "textarea" else str(field.get("value", ""))
    return sent


def alert_of(answer: TestResponse) -> str:
    alert = soup(answer).select_one("[role=alert]")
    assert alert
    return " ".join(alert.text.split())


def words(page: BeautifulSoup, selector: str) -> str:
    """The text of the first element that a selector finds."""
    found = page.select_one(selector)
    assert found, selector
    return " ".join(found.text.split())
