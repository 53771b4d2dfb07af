"""Claims: what the wiki signs is believed, once and for a minute; nothing else is."""

import base64
import hashlib
import hmac
import json
import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from connector.errors import ConfigError
from webui import claims
from webui.claims import Claim, ClaimChecker, make_claim, request_digest
from webui.config import load_config

SECRET = "a secret that nobody guesses, of 40 signs"  # noqa: S105 - of the tests
TARGET = "/api/v1/wiki/box?pageid=3"
NONCE = "0123456789abcdef" * 2
BEGAN = 1_700_000_000


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = float(BEGAN)

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def checker(clock: Clock) -> ClaimChecker:
    made = ClaimChecker(lambda: SECRET, clock=clock)
    clock.now += 1_000
    return made


def claim(
    *,
    secret: str = SECRET,
    user: str | None = "Inès Caradec",
    user_id: int = 7,
    issued_at: int = BEGAN + 1_000,
    nonce: str = NONCE,
    method: str = "GET",
    target: str = TARGET,
    body: bytes = b"",
) -> str:
    req = request_digest(method=method, target=target, body=body)
    return make_claim(secret, user=user, user_id=user_id, issued_at=issued_at, nonce=nonce, req=req)


def check(checker: ClaimChecker, header: str | None) -> Claim | None:
    return checker.check(header, method="GET", target=TARGET, body=b"")


def encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def signed(payload: str, *, version: str = "v1") -> str:
    """Return a header for any payload, signed as the wiki would."""
    text = f"{version}.{payload}"
    return f"{text}.{encoded(hmac.new(SECRET.encode(), text.encode(), hashlib.sha256).digest())}"


def test_the_wiki_says_who_asks(checker: ClaimChecker) -> None:
    assert check(checker, claim()) == Claim(user="Inès Caradec", user_id=7)
    nobody = claim(user=None, user_id=0, nonce="f" * 32)
    assert check(checker, nobody) == Claim(user=None, user_id=0)


def test_a_claim_is_made_as_its_documentation_says(checker: ClaimChecker) -> None:
    """Written out, as another program would make it."""
    req = hashlib.sha256(b'POST\n/api/v1/wiki/links\n{"a": "\xc3\xa9"}').hexdigest()
    content = {"user": "Inès", "id": 7, "iat": BEGAN + 1_000, "nonce": NONCE, "req": req}
    header = signed(encoded(json.dumps(content, ensure_ascii=False).encode()))
    body = b'{"a": "\xc3\xa9"}'
    assert checker.check(header, method="POST", target="/api/v1/wiki/links", body=body)


@pytest.mark.parametrize(
    ("method", "target", "body"),
    [
        ("POST", TARGET, b""),
        ("GET", "/api/v1/wiki/box?pageid=4", b""),
        ("GET", "/api/v1/wiki/box", b""),
        ("GET", "/api/v1/wiki/search?pageid=3", b""),
        ("GET", TARGET, b"x"),
        ("GET", f"{TARGET}&pageid=4", b""),
    ],
)
def test_a_claim_is_good_for_its_own_request(
    checker: ClaimChecker, method: str, target: str, body: bytes
) -> None:
    assert checker.check(claim(), method=method, target=target, body=body) is None
    assert check(checker, claim()), "it was not used up by what it is not good for"


@pytest.mark.parametrize(
    ("late", "good"), [(0, True), (60, True), (61, False), (-30, True), (-31, False), (10**15, False)]
)
def test_a_claim_is_good_for_a_minute(clock: Clock, late: int, good: bool) -> None:
    checker = ClaimChecker(lambda: SECRET, clock=clock)
    clock.now += 1_000
    header = claim(issued_at=max(0, int(clock.now) - late))
    assert (check(checker, header) is not None) == good


def test_a_claim_is_good_once_even_when_its_time_has_nearly_come(checker: ClaimChecker, clock: Clock) -> None:
    header = claim(issued_at=int(clock.now) + 30)
    assert check(checker, header)
    for seconds in (0, 1, 59, 30):
        clock.now += seconds
        assert check(checker, header) is None, f"a second time {seconds} seconds later"


def test_a_claim_that_ends_while_it_is_looked_at_does_not_come_as_new(
    checker: ClaimChecker, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    header = claim()
    assert check(checker, header)
    clock.now += 60
    moments = iter([clock.now, clock.now + 0.5, clock.now + 1])
    monkeypatch.setattr(checker, "_clock", lambda: next(moments))
    assert check(checker, header) is None


class SlowSet(set[str]):
    """A set that takes its time to look, so that threads meet there."""

    def __contains__(self, item: object) -> bool:
        found = super().__contains__(item)
        time.sleep(0.02)
        return found


def test_a_claim_that_threads_bring_at_once_is_good_for_one_of_them(
    checker: ClaimChecker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checker, "_seen", SlowSet())
    header = claim()
    together = threading.Barrier(4)

    def bring(_: int) -> Claim | None:
        together.wait()
        return check(checker, header)

    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(bring, range(4)))
    assert sum(each is not None for each in found) == 1


def test_claims_from_before_the_process_are_refused(clock: Clock) -> None:
    header = claim(issued_at=BEGAN + 9)
    clock.now = BEGAN + 10.7
    checker = ClaimChecker(lambda: SECRET, clock=clock)
    assert check(checker, header) is None, "another process may have seen it"
    assert check(checker, claim(issued_at=BEGAN + 10)), "of the same second"


def test_only_so_many_claims_are_remembered(
    checker: ClaimChecker, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(claims, "MOST_NONCES", 3)
    nonces = [f"{number:032x}" for number in range(5)]
    good = [check(checker, claim(nonce=nonce)) is not None for nonce in nonces]
    assert good == [True, True, True, False, False], "none is forgotten while it could be used again"
    clock.now += 61
    late = int(clock.now)
    assert all(check(checker, claim(nonce=nonce, issued_at=late)) for nonce in nonces[:3])


def test_what_is_refused_fills_no_memory(checker: ClaimChecker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(claims, "MOST_NONCES", 1)
    for number in range(3):
        assert check(checker, claim(secret="x" * 40, nonce=f"{number:032x}")) is None
        assert check(checker, claim(issued_at=BEGAN + 1, nonce=f"{number:032x}")) is None
        assert check(checker, claim(target="/", nonce=f"{number:032x}")) is None
    assert check(checker, claim())


GOOD = {"user": "Inès", "id": 7, "iat": BEGAN + 1_000, "nonce": NONCE}
WRONG: dict[str, Callable[[], str | None]] = {
    "none": lambda: None,
    "empty": lambda: "",
    "dots": lambda: "..",
    "no signature": lambda: claim().rpartition(".")[0],
    "empty signature": lambda: claim().rpartition(".")[0] + ".",
    "padded signature": lambda: claim() + "=",
    "another secret": lambda: claim(secret=SECRET[::-1]),
    "empty secret": lambda: claim(secret=""),
    "one sign changed": lambda: claim().replace(".", ".A", 1),
    "another version": lambda: signed(claim().split(".")[1], version="v2"),
    "no version": lambda: signed(claim().split(".")[1], version=""),
    "version unsigned": lambda: claim().replace("v1", "v2"),
    "two payloads": lambda: signed(claim().split(".")[1] + ".e30"),
    "two claims": lambda: f"{claim()}, {claim()}",
    "letters beyond ASCII": lambda: claim() + "é",
    "half a character": lambda: claim() + "\ud800",
    "huge": lambda: signed(encoded(b" " * 100_000 + json.dumps(GOOD).encode())),
    "no base64": lambda: signed("{}"),
    "base64 of another kind": lambda: signed("+/+/"),
    "cut base64": lambda: signed("A"),
    "no UTF-8": lambda: signed(encoded(b"\xff\xfe\xff")),
    "no JSON": lambda: signed(encoded(b"{")),
    "deep JSON": lambda: signed(encoded(b"[" * 2_900)),
    "a list": lambda: signed(encoded(b"[]")),
    "an empty object": lambda: signed("e30"),
    "null": lambda: signed(encoded(b"null")),
}


def content(**changes: object) -> str:
    req = request_digest(method="GET", target=TARGET, body=b"")
    return signed(encoded(json.dumps({**GOOD, "req": req, **changes}).encode()))


@pytest.mark.parametrize("name", WRONG)
def test_what_is_no_claim_is_refused(checker: ClaimChecker, name: str) -> None:
    assert check(checker, WRONG[name]()) is None


@pytest.mark.parametrize(
    "changes",
    [
        {"user": ""},
        {"user": 3},
        {"user": ["Inès"]},
        {"user": "é" * 256},
        {"id": "7"},
        {"id": True},
        {"id": -1},
        {"id": 7.0},
        {"iat": None},
        {"iat": str(BEGAN + 1_000)},
        {"iat": True},
        {"iat": float(BEGAN + 1_000)},
        {"iat": 10**400},
        {"nonce": None},
        {"nonce": NONCE.upper()},
        {"nonce": NONCE[1:]},
        {"nonce": NONCE + "\n"},
        {"nonce": "é" * 32},
        {"nonce": [NONCE]},
        {"req": None},
        {"req": ""},
        {"req": "é" * 64},
        {"req": ["x"]},
    ],
    ids=str,
)
def test_a_claim_with_a_wrong_value_is_refused_though_it_is_signed(
    checker: ClaimChecker, changes: dict[str, object]
) -> None:
    assert check(checker, content(**changes)) is None
    assert check(checker, content()), "the rest of it was right"


def test_without_a_secret_no_claim_is_good(clock: Clock, caplog: pytest.LogCaptureFixture) -> None:
    assert check(ClaimChecker(lambda: None, clock=clock), claim(secret="", issued_at=BEGAN)) is None

    def short() -> str | None:
        raise ConfigError("it is too short")

    assert check(ClaimChecker(short, clock=clock), claim(issued_at=BEGAN)) is None
    assert "it is too short" in caplog.text


def test_a_new_secret_counts_at_once(clock: Clock) -> None:
    known = [None, SECRET]
    checker = ClaimChecker(lambda: known[0], clock=clock)
    header = claim(issued_at=BEGAN)
    assert check(checker, header) is None
    known.pop(0)
    assert check(checker, header)


def test_the_log_says_why_and_nothing_that_helps_to_forge(
    checker: ClaimChecker, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    late = claim(issued_at=int(clock.now) - 90)
    check(checker, late)
    assert "issued 90 seconds ago" in caplog.text
    for make in WRONG.values():
        check(checker, make())
    good = claim()
    check(checker, good)
    check(checker, good)
    assert "a second time" in caplog.text
    for secret in (SECRET, NONCE, "Inès", late.split(".")[1], good.split(".")[2]):
        assert secret not in caplog.text


# The secret


def test_the_secret_is_made_once_and_only_its_owner_may_read_it(tmp_path: Path) -> None:
    config = load_config(tmp_path / "data")
    assert config.extension_secret() is None
    made = config.make_extension_secret()
    assert len(made) >= 32
    assert config.make_extension_secret() == config.extension_secret() == made
    assert (tmp_path / "data" / "extension-secret").stat().st_mode & 0o777 == 0o600
    assert load_config(tmp_path / "other").make_extension_secret() != made


def test_the_environment_wins_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = load_config(tmp_path)
    config.make_extension_secret()
    monkeypatch.setenv("COMPAGNON_EXTENSION_SECRET", f"{SECRET}\n")
    assert config.extension_secret() == config.make_extension_secret() == SECRET


def test_a_secret_that_can_be_guessed_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMPAGNON_EXTENSION_SECRET", "compagnon")
    with pytest.raises(ConfigError, match="32 characters") as caught:
        load_config(tmp_path).extension_secret()
    assert "“compagnon”" not in str(caught.value)
    (tmp_path / "extension-secret").write_bytes(b"\xff\xfe")
    monkeypatch.delenv("COMPAGNON_EXTENSION_SECRET")
    with pytest.raises(ConfigError, match="extension-secret"):
        load_config(tmp_path).extension_secret()
