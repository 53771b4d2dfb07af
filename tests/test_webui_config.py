"""Settings: from the file, from the environment, and what is said when they are wrong."""

import os
import secrets
import stat
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from connector.errors import ConfigError
from webui.config import load_config
from webui.settings_table import SETTINGS


def write(folder: Path, text: str) -> Path:
    (folder / "compagnon.toml").write_text(text, encoding="utf-8")
    return folder


def test_a_folder_that_does_not_exist_has_the_defaults_and_is_not_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in os.environ if name.startswith("COMPAGNON_")]:
        monkeypatch.delenv(name)
    config = load_config(tmp_path / "none")
    assert {setting.name: setting.default for setting in SETTINGS} == config.values
    assert not (tmp_path / "none").exists()
    assert not config.exists


def test_the_file_is_read_and_the_environment_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, '[wiki]\nnamespaces = [0, 12]\n[web]\nport = 9000\n[search]\nopt_out = ["Zoé"]\n')
    assert load_config(tmp_path).namespaces == (0, 12)
    monkeypatch.setenv("COMPAGNON_WEB_PORT", "9100")
    monkeypatch.setenv("COMPAGNON_SEARCH_OPT_OUT", "Anne, Léo ,")
    monkeypatch.setenv("COMPAGNON_WIKI_NAMESPACES", "0,4")
    config = load_config(tmp_path)
    assert config.number("web.port") == 9100
    assert config.texts("search.opt_out") == ("Anne", "Léo")
    assert config.namespaces == (0, 4)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[web]\nprot = 1\n", "did you mean web.port"),
        ("[web]\nport = 70000\n", "web.port: must be a port number"),
        ('[web]\nport = "a"\n', "web.port"),
        ("[web]\nhost = 3\n", "web.host: must be text"),
        ('[search]\nbots = "x"\n[web]\nport = true\n', "web.port: must be a whole number"),
        ("port = 1\n", "outside a section"),
        ("[web\n", "is not TOML"),
        ('[web]\nsecure_cookies = "maybe"\n', "must be true or false"),
        ('[web]\npublic_url = "compagnon.example.org"\n', "web.public_url: must be an address"),
        ('[web]\npublic_url = "javascript:alert(1)"\n', "web.public_url: must be an address"),
        ('[web]\npublic_url = "https://me:word@c.example.org"\n', "web.public_url: must be an address"),
        ('[web]\npublic_url = "https://c.example.org/?x=1"\n', "web.public_url: must be scheme, host"),
        ("[web]\npublic_url = \"https://c.example.org/'+alert(1)+'\"\n", "must be scheme, host"),
        ('[wiki]\ntext = "html"\n', "wiki.text: must be 'wikitext' or 'rendered'"),
        ("[wiki]\ntext = true\n", "wiki.text: must be"),
        ("[wiki]\nsync_every = 4\n", "wiki.sync_every: must be 0 .off., or 5 to 86400 seconds"),
        ("[wiki]\nsync_every = -30\n", "wiki.sync_every: must be 0 .off., or 5 to 86400 seconds"),
        ("[wiki]\nsync_every = 86401\n", "wiki.sync_every: must be 0 .off., or 5 to 86400 seconds"),
        ("[wiki]\nsync_every = 30.5\n", "wiki.sync_every: must be a whole number"),
        ('[wiki]\nsync_every = "--5"\n', "wiki.sync_every: must be a whole number"),
        ('[wiki]\nsync_every = "30 s"\n', "wiki.sync_every: must be a whole number"),
        ("[search]\nno_answer_below = 1.5\n", "search.no_answer_below: must be a number from 0 to 1"),
        ("[search]\nno_answer_below = nan\n", "search.no_answer_below: must be a number from 0 to 1"),
        ('[search]\nno_answer_below = "often"\n', "search.no_answer_below: must be a number from 0 to 1"),
        ("[search]\nno_answer_below = true\n", "search.no_answer_below: must be a number from 0 to 1"),
        ("[wiki]\nsweep_every = 0\n", "wiki.sweep_every: must be a number of hours"),
        ("[wiki]\nsweep_every = 100000000000\n", "wiki.sweep_every: must be a number of hours"),
    ],
)
def test_a_wrong_setting_gives_one_clear_line(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(ConfigError, match=says) as caught:
        load_config(write(tmp_path, text))
    assert "\n" not in str(caught.value).removesuffix("\n") or "TOML" in str(caught.value)


def test_how_the_wiki_is_read_can_be_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, '[wiki]\ntext = "rendered"\nsync_every = 5\nsweep_every = 6\n')
    config = load_config(tmp_path)
    assert config.text("wiki.text") == "rendered"
    assert (config.number("wiki.sync_every"), config.number("wiki.sweep_every")) == (5, 6)
    monkeypatch.setenv("COMPAGNON_WIKI_SYNC_EVERY", "0")
    monkeypatch.setenv("COMPAGNON_WIKI_TEXT", "wikitext")
    config = load_config(tmp_path)
    assert (config.number("wiki.sync_every"), config.text("wiki.text")) == (0, "wikitext")


def test_the_chance_below_which_nothing_answers_can_be_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert load_config(write(tmp_path, "")).optional_number("search.no_answer_below") is None
    config = load_config(write(tmp_path, "[search]\nno_answer_below = 0.25\n"))
    assert config.optional_number("search.no_answer_below") == 0.25
    assert load_config(write(tmp_path, "[search]\nno_answer_below = 0\n")).values[
        "search.no_answer_below"
    ] == pytest.approx(0)
    monkeypatch.setenv("COMPAGNON_SEARCH_NO_ANSWER_BELOW", "0.4")
    assert load_config(tmp_path).optional_number("search.no_answer_below") == 0.4
    monkeypatch.setenv("COMPAGNON_SEARCH_NO_ANSWER_BELOW", "")
    assert load_config(tmp_path).optional_number("search.no_answer_below") is None


def test_a_wrong_variable_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMPAGNON_WEB_PORT", "none")
    with pytest.raises(ConfigError, match="COMPAGNON_WEB_PORT"):
        load_config(tmp_path)


@pytest.mark.parametrize("name", ["EMBEDDING_KEY", "LANGUAGE_MODEL_KEY"])
def test_a_key_is_read_without_the_end_of_its_line_and_a_wrong_one_is_not_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(f"COMPAGNON_SEARCH_{name}", "sk-secret\n")
    assert load_config(tmp_path).values[f"search.{name.lower()}"] == "sk-secret"
    for wrong in ("sk-secret\r\nX: y", "sk secret", "clé-secret", "sk-€secret"):
        monkeypatch.setenv(f"COMPAGNON_SEARCH_{name}", wrong)
        with pytest.raises(ConfigError, match=name) as caught:
            load_config(tmp_path)
        assert "secret" not in str(caught.value)


def test_what_init_keeps_is_what_is_read_again(tmp_path: Path) -> None:
    config = load_config(write(tmp_path, "[web]\nport = 9000\n"))
    config.keep({"wiki.api_url": 'https://wiki.example/"w"/api.php', "wiki.user": "Zoé\\@compagnon"})
    again = load_config(tmp_path)
    assert again.optional_text("wiki.api_url") == 'https://wiki.example/"w"/api.php'
    assert again.optional_text("wiki.user") == "Zoé\\@compagnon"
    assert again.number("web.port") == 9000


def test_secrets_are_for_their_owner_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = load_config(tmp_path / "data")
    config.make_folder()
    assert stat.S_IMODE((tmp_path / "data").stat().st_mode) == 0o700
    (tmp_path / "data" / "wiki-password").write_text("old", encoding="utf-8")
    (tmp_path / "data" / "wiki-password").chmod(0o644)
    config.keep_wiki_password("s3cret")
    assert stat.S_IMODE((tmp_path / "data" / "wiki-password").stat().st_mode) == 0o600
    assert config.wiki_password() == "s3cret"
    monkeypatch.setenv("COMPAGNON_WIKI_PASSWORD", "from outside")
    assert config.wiki_password() == "from outside"
    assert config.secret_key() == config.secret_key()
    assert stat.S_IMODE((tmp_path / "data" / "secret-key").stat().st_mode) == 0o600


def test_a_data_directory_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("x", encoding="utf-8")
    with pytest.raises(ConfigError, match="data directory"):
        load_config(tmp_path / "data").make_folder()


def test_on_a_full_disk_the_settings_that_were_kept_are_still_there(tmp_path: Path) -> None:
    file = tmp_path / "compagnon.toml"
    file.write_text('[search]\nlanguage_model_key = "sk-kept"\n', encoding="utf-8")
    file.chmod(0o640)
    program = f"""
import resource, signal
from pathlib import Path
from connector.errors import ConfigError
from webui.config import load_config
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
config = load_config(Path({str(tmp_path)!r}))
resource.setrlimit(resource.RLIMIT_FSIZE, (5, 5))
for keep in (lambda: config.keep({{"wiki.contact": "us@example.org"}}), config.secret_key):
    try:
        keep()
    except ConfigError as e:
        print(e)
"""
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=Path(__file__).parent.parent,
        capture_output=True,
        text=True,
        check=True,
    )
    assert [line.rpartition(":")[0] for line in done.stdout.splitlines()] == [
        f"{file} cannot be written",
        f"{tmp_path / 'secret-key'} cannot be written",
    ]
    assert load_config(tmp_path).values["search.language_model_key"] == "sk-kept"
    assert [path.name for path in tmp_path.iterdir()] == [file.name]
    load_config(tmp_path).keep({"wiki.contact": "us\x7f@example.org"})
    assert load_config(tmp_path).values["wiki.contact"] == "us\x7f@example.org"
    assert stat.S_IMODE(file.stat().st_mode) == 0o640


@pytest.mark.parametrize("name", ["secret_key", "make_extension_secret"])
def test_those_who_start_at_once_use_one_secret(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    make = {"secret_key": secrets.token_urlsafe, "make_extension_secret": secrets.token_hex}[name]

    def slowly(size: int) -> str:
        if size > 4:  # not a draft's name
            time.sleep(0.05)  # the others arrive meanwhile
        return make(size)

    monkeypatch.setattr(secrets, make.__name__, slowly)
    asks = [getattr(load_config(tmp_path / "data"), name) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        made = [pool.submit(ask) for ask in asks]
    assert len({future.result() for future in made}) == 1


def test_a_key_that_a_crash_left_empty_is_made_anew(tmp_path: Path) -> None:
    (tmp_path / "secret-key").touch()
    key = load_config(tmp_path).secret_key()
    assert len(key) > 40
    assert load_config(tmp_path).secret_key() == key


@pytest.mark.parametrize("name", ["secret-key", "wiki-password"])
def test_a_secret_that_is_no_text_is_one_clear_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.delenv("COMPAGNON_WIKI_PASSWORD", raising=False)
    config = load_config(tmp_path)
    read = config.secret_key if name == "secret-key" else config.wiki_password
    (tmp_path / name).write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match=name):
        read()
    (tmp_path / name).unlink()
    (tmp_path / name).mkdir()
    with pytest.raises(ConfigError, match=name):
        read()


def test_the_public_address_has_no_slash_at_its_end(tmp_path: Path) -> None:
    (tmp_path / "compagnon.toml").write_text('[web]\npublic_url = "https://c.example.org/memory/"\n')
    assert load_config(tmp_path).optional_text("web.public_url") == "https://c.example.org/memory"
