"""Mail is handed to a real SMTP server; what names, titles and servers can do is withstood."""

import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from connector.errors import ConfigError, MailError
from tests.certificates import make_certificate
from tests.mail_ground import NOW, PASSWORD, SENDER, USER, Kept, mail_server, settings_for, text_of
from webui.config import Config, load_config
from webui.mail.addresses import checked_address, checked_sender
from webui.mail.message import Mail, as_bytes, as_message
from webui.mail.sending import MailServer
from webui.mail.settings import MailSettings, Security, mail_settings

MAIL = Mail(
    to="ines@example.org",
    subject="La semaine de l’atelier",
    text="Bonjour,\n\n.un point en tête de ligne\n" + "é" * 300 + "\n",
    html='<p lang="fr">Bonjour, <a href="https://example.org/a?b=c">été</a></p>\n',
    language="fr",
    key="digest.2026-03-02.7",
    list_name='L’atelier "Sud" <x>',
    stop_url="https://example.org/digest/stop?key=" + "k" * 64,
)


def send(settings: MailSettings, *mails: Mail) -> None:
    with MailServer(settings) as server:
        for mail in mails:
            server.send(mail, now=NOW)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_certificate(tmp_path_factory.mktemp("certificate"), days=5)


@pytest.fixture
def trusted(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A certificate that this machine trusts."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    return certificate


def test_a_mail_arrives_whole_in_text_and_html(caplog: pytest.LogCaptureFixture) -> None:
    kept = Kept()
    with mail_server(kept) as port, caplog.at_level(logging.DEBUG):
        send(settings_for(port), MAIL, replace(MAIL, to="malo@example.org", key="second"))
    assert kept.recipients == ["ines@example.org", "malo@example.org"], "each alone, over one connection"
    message = kept.mails[0][1]
    assert text_of(message).replace("\r\n", "\n") == MAIL.text
    assert text_of(message, "html").replace("\r\n", "\n") == MAIL.html
    assert message["From"] == f"Compagnon <{SENDER}>"
    assert (message["To"], message["Subject"]) == (MAIL.to, MAIL.subject)
    assert message["Message-ID"] == "<digest.2026-03-02.7@example.org>"
    assert message["Date"] == "Mon, 02 Mar 2026 09:00:00 +0000"
    assert message["Content-Language"] == "fr"
    assert message.get_content_type() == "multipart/alternative"
    assert all(len(line) <= 998 for line in kept.raw[0].split(b"\r\n"))
    ours = [one.getMessage() for one in caplog.records if not one.name.startswith(("mail.", "asyncio"))]
    assert not any(MAIL.to in line for line in ours), "no address is logged"


def test_it_says_how_it_ends_and_that_no_program_is_to_answer() -> None:
    raw = as_bytes(as_message(MAIL, sender=settings_for(1).sender, now=NOW))
    head = raw.split(b"\r\n\r\n")[0].decode("ascii").split("\r\n")
    # One piece: a mail program that finds encoded words in an address shows no button.
    assert f"List-Unsubscribe: <{MAIL.stop_url}>" in head
    assert "List-Unsubscribe-Post: List-Unsubscribe=One-Click" in head
    assert "Auto-Submitted: auto-generated" in head
    assert "Precedence: bulk" in head
    assert 'List-ID: "Latelier Sud x" <digest.example.org>' in head
    alone = as_message(replace(MAIL, list_name="", stop_url=""), sender=settings_for(1).sender, now=NOW)
    assert not {"List-Unsubscribe", "List-ID", "Precedence"} & set(alone.keys())
    assert alone["Auto-Submitted"] == "auto-generated"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\u2028", "\x85", "\x0b", "\x00"])
def test_a_subject_adds_no_header(end: str) -> None:
    kept = Kept()
    evil = f"Bilan{end}Bcc: victim@example.net{end}{end}<h1>ours</h1>"
    with mail_server(kept) as port:
        send(settings_for(port), replace(MAIL, subject=evil, list_name=evil))
    assert kept.recipients == [MAIL.to]
    message = kept.mails[0][1]
    assert message["Bcc"] is None
    assert len(message["Subject"].splitlines()) == 1
    assert "ours" not in text_of(message)


def test_a_long_subject_is_cut() -> None:
    message = as_message(replace(MAIL, subject="é" * 5_000), sender=settings_for(1).sender, now=NOW)
    assert len(message["Subject"]) == 150


@pytest.mark.parametrize(
    "evil", ["a@example.org\r\nBcc: b@example.org", "a@example.org, b@example.org", "a@x.org>\r\nDATA"]
)
def test_an_address_that_was_not_checked_is_not_sent_to(evil: str) -> None:
    kept = Kept()
    with mail_server(kept) as port, pytest.raises((ValueError, MailError)):
        send(settings_for(port), replace(MAIL, to=evil))
    assert kept.recipients == []


@pytest.mark.parametrize(
    "evil", ["https://x.org/\r\nBcc: a@b.org", "https://x.org/>, <mailto:a@b.org", "https://é"]
)
def test_a_link_that_ends_mails_adds_no_header(evil: str) -> None:
    with pytest.raises(ValueError, match="header"):
        as_message(replace(MAIL, stop_url=evil), sender=settings_for(1).sender, now=NOW)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (" Ines.Caron+wiki@Example.ORG ", "Ines.Caron+wiki@example.org"),
        ("ines@café-réparation.fr", "ines@xn--caf-rparation-dhbc.fr"),
    ],
)
def test_an_address_is_kept_as_it_is_written_to(typed: str, kept: str) -> None:
    assert checked_address(typed) == kept


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "ines",
        "@example.org",
        "ines@",
        "ines@localhost",
        "ines@127.0.0.1",
        "ines@[127.0.0.1]",
        "ines@example..org",
        "ines@-example.org",
        "a..b@example.org",
        '"a b"@example.org',
        "Inès <ines@example.org>",
        "ines@example.org,malo@example.org",
        "ines@example.org\nBcc: malo@example.org",
        "inès@example.org",
        "a@b@example.org",
        "a" * 65 + "@example.org",
        "a@" + "b" * 64 + ".org",
        "a@" + ".".join(["b" * 60] * 5) + ".org",
        "%0aRCPT@example.org\r",
    ],
)
def test_what_is_no_address_is_refused(typed: str) -> None:
    if typed.endswith("\r"):
        assert checked_address(typed) == typed.strip(), "a line's end around it is not kept"
        return
    with pytest.raises(ValueError, match="no address"):
        checked_address(typed)


def test_a_sender_has_a_name_or_none() -> None:
    assert (
        str(checked_sender("Café des répar, <c@example.org>".replace(",", "")))
        == "Café des répar <c@example.org>"
    )
    assert str(checked_sender("c@example.org")) == "c@example.org"
    for wrong in ("Compagnon", "C <c@example.org>\nBcc: a@b.org", ""):
        with pytest.raises(ValueError, match="no address"):
            checked_sender(wrong)


def test_tls_from_the_first_byte_on(trusted: Path) -> None:
    kept = Kept()
    with mail_server(kept, certificate=trusted, security="tls") as port:
        send(settings_for(port, security="tls"), MAIL)
    assert kept.recipients == [MAIL.to]


def test_starttls_and_an_account(trusted: Path) -> None:
    kept = Kept()
    with mail_server(kept, certificate=trusted, security="starttls", wants_sign_in=True) as port:
        send(settings_for(port, security="starttls", user=USER, password=PASSWORD), MAIL)
        with pytest.raises(MailError, match=r"refuses the account compagnon \(535\)") as error:
            send(settings_for(port, security="starttls", user=USER, password=PASSWORD[:-1]), MAIL)
        assert PASSWORD[:-1] not in str(error.value)
        with pytest.raises(MailError, match="refuses the sender"):
            send(settings_for(port, security="starttls"), MAIL)
    assert kept.recipients == [MAIL.to]


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_a_certificate_that_nobody_vouches_for_is_not_trusted(
    certificate: Path, security: Security, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    kept = Kept()
    with (
        mail_server(kept, certificate=certificate, security=security) as port,
        pytest.raises(MailError, match=r"certificate .* cannot be trusted"),
    ):
        send(settings_for(port, security=security), MAIL)
    assert kept.recipients == []


def test_a_certificate_of_another_name_is_not_trusted(trusted: Path) -> None:
    kept = Kept()
    with (
        mail_server(kept, certificate=trusted, security="tls") as port,
        pytest.raises(MailError, match=r"certificate .* cannot be trusted"),
    ):
        send(replace(settings_for(port, security="tls"), server="localhost"), MAIL)


def test_no_password_goes_where_tls_is_wanted_and_not_offered() -> None:
    kept = Kept()
    with mail_server(kept) as port:
        with pytest.raises(MailError, match="no STARTTLS"):
            send(settings_for(port, security="starttls", user=USER, password=PASSWORD), MAIL)
        with pytest.raises(MailError, match="does not speak TLS"):
            send(settings_for(port, security="tls"), MAIL)
        with pytest.raises(MailError, match="no way to sign in"):
            send(settings_for(port, user=USER, password=PASSWORD), MAIL)


def test_who_is_refused_does_not_stop_the_others() -> None:
    kept = Kept(
        refused={"gone@example.org": "550 <gone@example.org> no such box", "full@example.org": "452 full"}
    )
    with mail_server(kept) as port, MailServer(settings_for(port)) as server:
        with pytest.raises(MailError, match=r"refuses the recipient \(550\)") as gone:
            server.send(replace(MAIL, to="gone@example.org"), now=NOW)
        with pytest.raises(MailError) as full:
            server.send(replace(MAIL, to="full@example.org"), now=NOW)
        server.send(MAIL, now=NOW)
    assert (gone.value.refused, gone.value.maybe_sent) == (True, False)
    assert (full.value.refused, full.value.maybe_sent) == (False, False)
    assert "gone@" not in str(gone.value), "the server's own words name people"
    assert kept.recipients == [MAIL.to]


def test_a_text_that_is_refused_was_not_sent() -> None:
    kept = Kept(answer="554 looks like spam")
    with mail_server(kept) as port, MailServer(settings_for(port)) as server:
        with pytest.raises(MailError) as error:
            server.send(MAIL, now=NOW)
        assert (error.value.refused, error.value.maybe_sent) == (True, False)
        kept.answer = "250 taken"
        server.send(MAIL, now=NOW)
    assert kept.recipients == [MAIL.to]


@contextmanager
def scripted(*parts: Callable[[socket.socket], None]) -> Iterator[int]:
    """A server that does what each part says to one connection, then ends it."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        connection, _ = listener.accept()
        with connection:
            try:
                for part in parts:
                    part(connection)
            except OSError:
                return  # it was hung up

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        thread.join()
        listener.close()


def says(text: bytes) -> Callable[[socket.socket], None]:
    return lambda connection: connection.sendall(text)


def hears(end: bytes = b"\r\n") -> Callable[[socket.socket], None]:
    def hear(connection: socket.socket) -> None:
        heard = b""
        while not heard.endswith(end):
            more = connection.recv(65_536)
            if not more:
                raise ConnectionError
            heard += more

    return hear


TO_DATA = (
    says(b"220 hi\r\n"),
    hears(),
    says(b"250 hi\r\n"),
    hears(),
    says(b"250 ok\r\n"),
    hears(),
    says(b"250 ok\r\n"),
)


def test_a_server_that_drops_before_the_text_has_not_sent_it() -> None:
    with scripted(*TO_DATA, hears()) as port, pytest.raises(MailError) as error:
        send(settings_for(port), MAIL)
    assert not error.value.maybe_sent


def test_a_server_that_drops_after_the_text_may_have_sent_it() -> None:
    with (
        scripted(*TO_DATA, hears(), says(b"354 go\r\n"), hears(b"\r\n.\r\n")) as port,
        pytest.raises(MailError) as error,
    ):
        send(settings_for(port), MAIL)
    assert error.value.maybe_sent


def test_a_silent_server_is_given_up() -> None:
    with scripted(hears()) as port, pytest.raises(MailError, match="no answer in time"):
        send(settings_for(port, seconds=0.2), MAIL)


def test_a_server_that_says_one_letter_after_the_other_is_given_up() -> None:
    def drips(connection: socket.socket) -> None:
        while True:
            connection.sendall(b"2")
            time.sleep(0.02)

    with scripted(drips) as port, pytest.raises(MailError):
        send(settings_for(port, seconds_in_all=0.3), MAIL)


@pytest.mark.parametrize(
    "greeting", [b"554 go away\r\n", b"<html>no mail here</html>\r\n", b"\xff\xfe\r\n", b""]
)
def test_what_is_no_willing_server_is_an_error(greeting: bytes) -> None:
    with scripted(says(greeting)) as port, pytest.raises(MailError):
        send(settings_for(port), MAIL)


def test_no_server_is_an_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(MailError, match=r"127\.0\.0\.1"):
        send(settings_for(port), MAIL)


def configured(folder: Path, **settings: str) -> Config:
    config = load_config(folder)
    return Config(folder, {**config.values, **{f"mail.{key}": value for key, value in settings.items()}})


def test_settings_of_mail(tmp_path: Path) -> None:
    assert mail_settings(configured(tmp_path)) is None
    settings = mail_settings(configured(tmp_path, server="mail.example.org", sender="C <c@example.org>"))
    assert settings is not None
    assert (settings.port, settings.security, settings.sender.addr_spec) == (587, "starttls", "c@example.org")
    secret = configured(
        tmp_path, server="mail.example.org", sender="c@example.org", user=USER, password=PASSWORD
    )
    assert PASSWORD not in repr(mail_settings(secret))


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"server": "m.example.org"}, "mail.sender is not"),
        ({"server": "m.example.org", "sender": "Compagnon"}, "mail.sender must be"),
        ({"server": "m.example.org", "sender": "c@example.org", "user": "c"}, "mail.password is not"),
        (
            {
                "server": "m.example.org",
                "sender": "c@example.org",
                "user": "c",
                "password": "p",
                "security": "none",
            },
            "could be read",
        ),
    ],
)
def test_settings_that_cannot_be_used_are_said(tmp_path: Path, wrong: dict[str, str], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        mail_settings(configured(tmp_path, **wrong))
