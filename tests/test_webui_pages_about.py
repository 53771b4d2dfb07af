"""What the pages say of themselves."""

from pathlib import Path

from bs4 import BeautifulSoup

from tests.community import empty_community
from webui.app import create_app


def test_about_promises_what_the_design_promises(tmp_path: Path) -> None:
    services = empty_community(tmp_path)
    answer = create_app(services).test_client().get("/about", headers={"Accept-Language": "fr"})
    page = BeautifulSoup(answer.text, "html.parser")
    assert "un brouillon n’est jamais publié tout seul" in page.text
    services.close()
