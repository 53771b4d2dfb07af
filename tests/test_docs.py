"""Documentation that cannot go stale: every command, setting, route, error and dependency is documented."""

import ast
import json
import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import click
import pytest
from jsonschema import Draft202012Validator

from connector import errors
from connector.errors import CompagnonError
from webui.app import create_app
from webui.bootstrap import build_services
from webui.cli import compagnon
from webui.config import load_config
from webui.errors import TROUBLES
from webui.settings_table import SETTINGS

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
COMMANDS = (DOCS / "reference" / "commands.md").read_text(encoding="utf-8")
PAGES = sorted([ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *DOCS.rglob("*.md")])


def chapter(text: str, heading: str) -> str:
    """Return what stands under a `##` heading."""
    match = re.search(rf"^## {re.escape(heading)}\b.*?$(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    assert match, f"no chapter “{heading}”"
    return match.group(1)


@pytest.mark.parametrize("name", sorted(compagnon.commands))
def test_every_command_and_option_is_documented_and_no_other(name: str) -> None:
    text = chapter(COMMANDS, f"compagnon {name}")
    command = compagnon.commands[name]
    options = {
        option
        for parameter in command.params
        if isinstance(parameter, click.Option)
        for option in parameter.opts
        if option.startswith("--")
    }
    assert set(re.findall(r"^\| `(--[a-z-]+)", text, re.MULTILINE)) == options
    assert command.help, f"{name} has no help"


def test_no_command_is_documented_that_is_not_there() -> None:
    documented = re.findall(r"^## compagnon ([a-z-]+)", COMMANDS, re.MULTILINE)
    assert sorted(documented) == sorted(compagnon.commands)


def test_every_setting_is_documented_in_its_own_words_with_its_default() -> None:
    text = (DOCS / "reference" / "settings.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `([a-z]+\.[a-z_]+)` \| `([A-Z_]+)` \|", text, re.MULTILINE))
    assert rows == {setting.name: setting.variable for setting in SETTINGS}
    for setting in SETTINGS:
        row = next(line for line in text.splitlines() if line.startswith(f"| `{setting.name}`"))
        assert row.endswith(f"| {setting.doc} |")
        if setting.default not in (None, "", ()):
            defaults = setting.default if isinstance(setting.default, tuple) else (setting.default,)
            assert f"| {', '.join(f'`{default}`' for default in defaults)} |".lower() in row.lower()


def test_every_example_of_settings_is_accepted(tmp_path: Path) -> None:
    examples = [
        code
        for page in PAGES
        for code in re.findall(
            r"^```toml\n(.*?)^```", page.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE
        )
    ]
    assert examples
    for number, code in enumerate(examples):
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / "compagnon.toml").write_text(code, encoding="utf-8")
        load_config(folder)


def test_every_route_of_the_api_is_documented_and_no_other(tmp_path: Path) -> None:
    app = create_app(build_services(load_config(tmp_path)))
    routes = {
        f"{method} {rule.rule}"
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    text = (DOCS / "reference" / "http-api.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `((?:GET|POST) /api/[^`?]+)", text, re.MULTILINE)) == routes


def test_every_error_is_documented_with_its_status() -> None:
    ours = {
        error
        for error in vars(errors).values()
        if isinstance(error, type) and issubclass(error, CompagnonError)
    }
    text = (DOCS / "reference" / "errors.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| (\d{3}) \|", text, re.MULTILINE)
    assert {name: int(status) for name, status in rows} == {e.__name__: TROUBLES[e].status for e in ours}


@pytest.mark.parametrize(
    "path", sorted((ROOT / "webui" / "api" / "schemas").glob("*.json")), ids=lambda path: path.stem
)
def test_every_schema_is_one(path: Path) -> None:
    Draft202012Validator.check_schema(json.loads(path.read_text(encoding="utf-8")))


_TOOLS_ONLY = {"dev", "benchmarks"}


def declared_lines(project: dict[str, Any]) -> list[str]:
    """Return what a release may need: its dependencies, and those of extras for administrators."""
    extras = project["optional-dependencies"]
    return [
        *project["dependencies"],
        *(line for name, lines in extras.items() if name not in _TOOLS_ONLY for line in lines),
    ]


def package_name(line: str) -> str:
    """Return the name in a requirement: `psycopg` of `psycopg[binary]>=3.3`."""
    return re.split(r"[\[<>=!~ ]", line)[0].lower()


def test_the_readme_says_why_for_each_dependency_and_no_other() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = {package_name(line) for line in declared_lines(project)}
    table = chapter((ROOT / "README.md").read_text(encoding="utf-8"), "What it is built on")
    rows = re.findall(r"^\| \[?([A-Za-z0-9_.-]+)\]?[^|]*\| ([^|]+) \|", table, re.MULTILINE)
    explained = {
        name.lower(): why for name, why in rows if name.lower() != "package" and not name.startswith("-")
    }
    assert set(explained) == declared
    assert all(len(why.strip()) > 20 for why in explained.values())


def test_every_package_that_is_imported_is_declared() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = {package_name(line) for line in declared_lines(project)}
    # Flask, Flask-Babel, sentence-transformers (twice) and Flask-Limiter are what these are used through.
    declared |= {"werkzeug", "babel", "transformers", "safetensors", "limits"}
    ours = {"connector", "search", "capture", "community", "webui"}
    distributions = packages_distributions()
    imported = set()
    for folder in ours:
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Import):
                    imported |= {alias.name.split(".")[0] for alias in node.names}
                elif isinstance(node, ast.ImportFrom) and node.module:
                    imported.add(node.module.split(".")[0])
    foreign = imported - ours - sys.stdlib_module_names
    undeclared = {
        name
        for name in foreign
        if not {d.lower().replace("_", "-") for d in distributions.get(name, [name])} & declared
    }
    assert undeclared == set()


def test_every_dependency_has_a_locked_version() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    wanted = [*declared_lines(project), *extras["dev"], *extras["benchmarks"]]
    locked = {
        line.split("==")[0].lower().replace("_", "-")
        for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
        if "==" in line and not line.startswith("#")
    }
    assert {package_name(line) for line in wanted} <= locked


def links_of(page: Path) -> Iterator[str]:
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    yield from re.findall(r"\]\(([^)\s]+)\)", text)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_inside_the_documentation_leads_somewhere(page: Path) -> None:
    for link in links_of(page):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / unquote(path)).resolve() if path else page
        assert target.exists(), f"{page.name} links to {link}"
        if anchor:
            headings = re.findall(r"^#+ (.+)$", target.read_text(encoding="utf-8"), re.MULTILINE)
            anchors = {
                re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings
            }
            assert unquote(anchor) in anchors, f"{page.name} links to {link}"


def shell_lines(page: Path) -> Iterator[str]:
    for code in re.findall(r"^```sh\n(.*?)^```", page.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE):
        yield from (line.strip() for line in code.replace("\\\n", " ").splitlines() if line.strip())


def test_every_command_line_shown_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    seen = 0
    for page in PAGES:
        for line in shell_lines(page):
            words = line.split(" #")[0].split()
            while words and re.match(r"[A-Z_]+=", words[0]):
                words = words[1:]
            if words[:1] == ["make"]:
                assert words[1] in targets, f"{page.name}: {line}"
                seen += 1
            elif words[:1] and words[0].endswith("compagnon"):
                rest = words[1:]
                while rest and rest[0].startswith("--"):
                    rest = rest[2:] if rest[0] == "--data" else rest[1:]
                command = compagnon.commands.get(rest[0]) if rest else None
                assert command is not None, f"{page.name}: {line}"
                known = {option for parameter in command.params for option in parameter.opts}
                assert {word for word in rest[1:] if word.startswith("--")} <= known, f"{page.name}: {line}"
                seen += 1
    assert seen >= 8


@pytest.mark.parametrize(
    ("english", "french"),
    [
        ("member", "membre"),
        ("coordinator", "coordination"),
        ("editor", "redaction"),
        ("administrator", "administration"),
        ("in-the-wiki", "dans-le-wiki"),
        ("search-settings", "reglages-de-recherche"),
        ("proof-and-erasing", "preuves-et-effacement"),
        ("large-wikis", "grands-wikis"),
    ],
)
def test_each_kind_of_user_has_a_page_in_both_languages(english: str, french: str) -> None:
    first = (DOCS / "en" / f"{english}.md").read_text(encoding="utf-8")
    second = (DOCS / "fr" / f"{french}.md").read_text(encoding="utf-8")
    # The same chapters in the same order: neither language is a summary of the other.
    assert (
        len(re.findall(r"^## ", first, re.MULTILINE)) == len(re.findall(r"^## ", second, re.MULTILINE)) >= 2
    )


def test_every_check_of_security_names_tests_that_there_are() -> None:
    text = (DOCS / "security.md").read_text(encoding="utf-8")
    named = re.findall(r"`(test_\w+\.py)::(test_\w+)`", text)
    assert len(named) > 40
    missing = [
        f"{file}::{name}"
        for file, name in named
        if not (ROOT / "tests" / file).is_file()
        or f"def {name}(" not in (ROOT / "tests" / file).read_text(encoding="utf-8")
    ]
    assert missing == []
