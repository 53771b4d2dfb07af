"""`compagnon digest` prints and sends the week; `compagnon doctor` says whether mail can go out."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import time_machine

from tests.checkup_ground import look, with_settings
from tests.command_line import CommandLine
from tests.community import mirrored_community
from tests.digest_ground import MONDAY_MORNING, NEWCOMER, QUESTION, let_a_week_pass
from tests.mail_ground import PASSWORD, SENDER, Kept, mail_server, text_of
from webui.config import Config, load_config

SETTINGS = f"""[web]
public_url = "https://compagnon.example.org"
[mail]
server = "127.0.0.1"
security = "none"
port = {{port}}
sender = "{SENDER}"
[community]
digest_to = ["all@example.org"]
"""


@pytest.fixture(scope="module")
def kept() -> Kept:
    return Kept()


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory, kept: Kept) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("data")
    services = mirrored_community(folder)
    let_a_week_pass(services.store)
    services.close()
    with mail_server(kept) as port:
        (folder / "compagnon.toml").write_text(SETTINGS.format(port=port), encoding="utf-8")
        yield folder


@pytest.fixture
def compagnon(
    data: Path, kept: Kept, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[CommandLine]:
    kept.mails.clear()
    with time_machine.travel(MONDAY_MORNING, tick=False):
        yield CommandLine(data, capsys, monkeypatch)


def test_it_is_printed_as_all_may_read_it(compagnon: CommandLine, kept: Kept) -> None:
    text = compagnon("digest").out
    assert QUESTION in text
    assert NEWCOMER not in text
    assert "lundi 9 février 2026" in text
    assert "Monday, February 9, 2026" in compagnon("digest", "--language", "en").out
    assert "<html lang=" in compagnon("digest", "--format", "html").out
    assert "[[:Ranger les outils|Ranger les outils]]" in compagnon("digest", "--format", "wikitext").out
    assert kept.recipients == []


def test_it_is_sent_once_and_as_a_trial_as_often_as_one_likes(compagnon: CommandLine, kept: Kept) -> None:
    assert compagnon("digest", "--to", "me@example.org").out == "Sent.\n"
    assert compagnon("digest", "--send").out == "1 digest sent.\n"
    assert compagnon("digest", "--send").out == "0 digests sent.\n"
    assert compagnon("digest", "--to", "me@example.org", "--language", "en").code == 0
    assert kept.recipients == ["me@example.org", "all@example.org", "me@example.org"]
    assert "it worked 2 times" in text_of(kept.mails[-1][1])


def test_what_cannot_be_done_is_one_line(compagnon: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    assert compagnon("digest", "--to", "nobody").code == 2
    assert compagnon("digest", "--to", "me@example.org", "--send").code == 2
    monkeypatch.setenv("COMPAGNON_MAIL_PORT", "1")
    assert "127.0.0.1:1" in compagnon("digest", "--to", "me@example.org").assert_one_clear_line()
    monkeypatch.setenv("COMPAGNON_MAIL_SERVER", "")
    assert "mail.server" in compagnon("digest", "--send").assert_one_clear_line()


def test_a_week_without_anything_is_no_error(compagnon: CommandLine, kept: Kept) -> None:
    with time_machine.travel("2026-05-04T08:00:00+00:00", tick=False):
        assert compagnon("digest").out == ""
        assert "nothing was sent" in compagnon("digest", "--to", "me@example.org").out
        assert compagnon("digest", "--send").out == "0 digests sent.\n"
    assert kept.recipients == []


def told(config: Config) -> list[tuple[str, str]]:
    return [(finding.level.value, finding.said) for finding in look("mail", config)]


def test_doctor_says_whether_mail_can_go_out(data: Path, kept: Kept) -> None:
    config = with_settings(load_config(data), wiki__sync_every=30)
    assert [level for level, _ in told(config)] == ["ok"]
    assert kept.recipients == [], "it sends nothing"
    assert told(with_settings(config, mail__server=None, community__digest_to=())) == []
    (warned,) = told(with_settings(config, mail__server=None))
    assert warned[0] == "warning"
    (no_url,) = [one for one in told(with_settings(config, web__public_url=None)) if one[0] != "ok"]
    assert no_url == ("problem", "mails need links that lead here")
    (wrong,) = [one for one in told(with_settings(config, community__digest_to=("x",))) if one[0] != "ok"]
    assert "no address" in wrong[1]
    (alone,) = [one for one in told(with_settings(config, wiki__sync_every=0)) if one[0] != "ok"]
    assert (alone[0], "by itself" in alone[1]) == ("warning", True)


def test_doctor_says_what_is_wrong_with_the_server_and_no_password(data: Path) -> None:
    config = load_config(data)
    ((level, said),) = told(with_settings(config, mail__port=1))
    assert (level, "127.0.0.1:1" in said) == ("problem", True)
    ((level, said),) = told(with_settings(config, mail__security="starttls"))
    assert (level, "STARTTLS" in said) == ("problem", True)
    ((level, said),) = told(with_settings(config, mail__user="compagnon", mail__password=PASSWORD))
    assert (level, PASSWORD in said) == ("problem", False)
