"""The digest goes to who confirmed it and to the lists, once, over a real server; never to who may not."""

import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine

from connector.errors import ConfigError, MailError, WikiUnavailableError
from connector.store import Account
from connector.store.wishes import Wish
from search.readable import Readable
from tests.builders import HashingEmbedder, ReadableWhere
from tests.community import mirrored_community
from tests.digest_ground import MONDAY_MORNING, NEWCOMER, PLACE, QUESTION, UNTIL, let_a_week_pass, person
from tests.mail_ground import Kept, mail_server, text_of
from webui.bootstrap import Services
from webui.config import Config
from webui.digests.links import stop_secret
from webui.digests.post import Delivery
from webui.digests.weekly import WeeklyPost
from webui.rights.rights import Everything

ROOT = "https://compagnon.example.org"


class Known:
    """Says of accounts that they are as they are, or gone, or that the wiki is away."""

    def __init__(self) -> None:
        self.gone: set[str] = set()
        self.away = False

    def current(self, account: Account) -> Account | None:
        """Return an account as it is now."""
        if self.away:
            raise WikiUnavailableError("the wiki does not answer")
        return None if account.name in self.gone else account


class KnownRights:
    """What somebody may read: everything, or what a test says."""

    def __init__(self) -> None:
        self.all: Readable = Everything()
        self.own: dict[str, Readable] = {}

    def of_nobody(self) -> Readable:
        """Return what anybody may read."""
        return self.all

    of_every_member = of_nobody

    def of_account(self, account: Account) -> Readable:
        """Return what somebody may read."""
        return self.own.get(account.name, Everything())


@pytest.fixture(scope="module")
def week(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    services = mirrored_community(tmp_path_factory.mktemp("community"))
    services.__dict__["embedder"] = HashingEmbedder()
    let_a_week_pass(services.store)
    yield services
    services.close()


@pytest.fixture
def kept() -> Kept:
    return Kept()


@pytest.fixture
def services(week: Services, kept: Kept, monkeypatch: pytest.MonkeyPatch) -> Iterator[Services]:
    """Services with a server for mail, and nobody who wants any yet."""
    before = week.config
    for name in ("wiki_accounts", "rights", "digest_post"):
        week.__dict__.pop(name, None)
    week.__dict__["wiki_accounts"], week.__dict__["rights"] = Known(), KnownRights()
    with mail_server(kept) as port:
        configure(
            week,
            **{
                "wiki.api_url": "http://wiki.invalid/w/api.php",
                "web.public_url": ROOT,
                "mail.server": "127.0.0.1",
                "mail.port": port,
                "mail.security": "none",
                "mail.sender": "Compagnon <compagnon@example.org>",
            },
        )
        yield week
    for account in week.store.accounts.list():
        week.store.subscriptions.end(account.id)
    for address in ("all@example.org", "board@example.org"):
        week.store.subscriptions.give_back_list(address, claimed_at=MONDAY_MORNING)
    week.config = before


def configure(services: Services, **values: object) -> None:
    services.config = Config(services.config.folder, {**services.config.values, **values})  # type: ignore[dict-item]


def subscribe(services: Services, name: str = "Inès Caradec", *, language: str = "fr") -> Account:
    account = person(services.store, name)
    room, asked = services.store.subscriptions, UNTIL - timedelta(days=3)
    stop = stop_secret(services.config, account_id=account.id, asked_at=asked)
    address = f"{account.id}@example.org"
    room.ask(account.id, address=address, language=language, confirm=name, stop=stop, now=asked)
    assert room.confirm(name, not_before=asked, now=asked)
    return account


def send(services: Services, *, after: timedelta = timedelta()) -> Delivery:
    return services.digest_post.send_due(MONDAY_MORNING + after)


def test_who_wants_it_gets_it_once_a_week(services: Services, kept: Kept) -> None:
    ines, ruth = subscribe(services), subscribe(services, "Ruth Ellery", language="en")
    assert send(services) == Delivery(sent=2)
    assert kept.recipients == [f"{ines.id}@example.org", f"{ruth.id}@example.org"]
    assert send(services, after=timedelta(hours=1)) == Delivery()
    french, english = (message for _, message in kept.mails)
    assert french["Subject"] == "Wiki des ateliers\u00a0: ce que la semaine a apporté"
    assert english["Subject"] == "Wiki des ateliers: what the week brought"
    for message in (french, english):
        for kind in ("plain", "html"):
            told = text_of(message, kind)
            for words in (
                QUESTION,
                "Ranger les outils",
                "Soirée réparation",
                "18:30",
                NEWCOMER,
                "rue du Puits",
            ):
                assert words in told, (kind, words)
            assert f"{ROOT}/practices/3" in told
    assert "émergente" in text_of(french)
    assert "emerging" in text_of(english)


def test_each_mail_has_a_link_that_ends_it(services: Services, kept: Kept) -> None:
    ines = subscribe(services)
    send(services)
    message = kept.mails[0][1]
    url = message["List-Unsubscribe"].strip("<>")
    assert url in text_of(message)
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    (key,) = parse_qs(urlsplit(url).query)["key"]
    assert services.store.subscriptions.stop(key)
    assert services.store.subscriptions.get(ines.id) is None


def test_another_key_of_the_service_makes_links_that_work(
    services: Services, kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    subscribe(services)
    monkeypatch.setenv("COMPAGNON_SECRET_KEY", "k" * 40)
    send(services)
    (key,) = parse_qs(urlsplit(kept.mails[0][1]["List-Unsubscribe"].strip("<>")).query)["key"]
    assert services.store.subscriptions.stop(key)


def test_lists_get_what_all_may_read_and_nobody_is_named(services: Services, kept: Kept) -> None:
    configure(services, **{"community.digest_to": ("all@example.org", "no address")})
    delivery = send(services)
    assert (delivery.sent, "no address" in delivery.trouble) == (1, True)
    told = text_of(kept.mails[0][1]) + text_of(kept.mails[0][1], "html")
    assert QUESTION in told
    assert NEWCOMER not in told
    assert PLACE not in told
    assert kept.mails[0][1]["List-Unsubscribe"] is None, "one reader does not end it for all"
    assert send(services, after=timedelta(minutes=1)).sent == 0


def test_a_private_wiki_has_no_digest_for_all_unless_members_read_alike(
    services: Services, kept: Kept
) -> None:
    store = services.store
    site = services.site()
    assert site is not None
    configure(services, **{"community.digest_to": ("all@example.org",)})
    store.site.put(replace(site, private=True), source="http://wiki.invalid/w/api.php")
    try:
        subscribe(services)
        delivery = send(services)
        assert "private" in delivery.trouble
        assert delivery.sent == 1, "people’s own digests go out"
        assert kept.recipients != ["all@example.org"]
        configure(services, **{"web.rights": "members"})
        assert send(services).sent == 1
        assert NEWCOMER in text_of(kept.mails[-1][1])
    finally:
        store.site.put(site, source="http://wiki.invalid/w/api.php")


def test_each_is_told_what_they_may_read(services: Services, kept: Kept) -> None:
    rights = services.__dict__["rights"]
    rights.own["Inès Caradec"] = ReadableWhere(lambda page: page.pageid == 2)
    rights.all = ReadableWhere(lambda page: page.pageid == 4)
    configure(services, **{"community.digest_to": ("all@example.org",)})
    subscribe(services)
    subscribe(services, "Ruth Ellery")
    send(services)
    everybody, ines, ruth = (text_of(message) + text_of(message, "html") for _, message in kept.mails)
    assert ("Ranger les outils" in ines, "Soirée réparation" in ines) == (False, True)
    assert ("Ranger les outils" in everybody, "Soirée réparation" in everybody) == (False, False)
    assert ("Ranger les outils" in ruth, "Soirée réparation" in ruth) == (True, True)


def test_who_is_blocked_or_gone_gets_nothing_and_a_wiki_that_is_away_is_waited_for(
    services: Services, kept: Kept
) -> None:
    accounts = services.__dict__["wiki_accounts"]
    subscribe(services)
    accounts.gone.add("Inès Caradec")
    assert send(services) == Delivery()
    accounts.gone.clear()
    accounts.away = True
    assert send(services).failed == 1
    accounts.away = False
    assert send(services).sent == 1


def test_nothing_is_sent_when_nothing_happened(services: Services, kept: Kept) -> None:
    subscribe(services)
    later = timedelta(days=7 * 6)
    assert send(services, after=later) == Delivery(nothing_to_tell=1)
    assert send(services, after=later) == Delivery()
    assert kept.recipients == []


def test_a_wiki_that_shows_nothing_may_have_more_to_tell_later(services: Services, kept: Kept) -> None:
    services.__dict__["rights"].own["Inès Caradec"] = ReadableWhere(lambda page: False)
    subscribe(services)
    later = timedelta(days=7 * 6)
    assert send(services, after=later) == Delivery(nothing_to_tell=1)
    assert send(services, after=later) == Delivery(nothing_to_tell=1), "it was not noted as sent"


def test_what_is_refused_for_now_is_tried_again_and_what_is_refused_for_good_next_week(
    services: Services, kept: Kept, caplog: pytest.LogCaptureFixture
) -> None:
    ines, malo, ruth = (subscribe(services, name) for name in ("Inès Caradec", "Malo Rivière", "Ruth Ellery"))
    full, gone = f"{ines.id}@example.org", f"{malo.id}@example.org"
    kept.refused = {full: "452 full", gone: "550 no such box"}
    with caplog.at_level(logging.INFO, logger="webui"):
        delivery = send(services)
    assert (delivery.sent, delivery.refused, delivery.failed) == (1, 1, 1)
    assert kept.recipients == [f"{ruth.id}@example.org"]
    assert "@example.org" not in caplog.text.replace(f"<{full}>", ""), "no address is logged"
    kept.refused = {}
    assert send(services, after=timedelta(hours=1)) == Delivery(sent=1)
    assert kept.recipients[-1] == full


def test_a_server_that_is_away_claims_nobody(services: Services, kept: Kept) -> None:
    subscribe(services)
    configure(services, **{"community.digest_to": ("all@example.org",)})
    port = services.config.number("mail.port")
    configure(services, **{"mail.port": 1})
    with pytest.raises(MailError):
        send(services)
    configure(services, **{"mail.port": port})
    assert send(services).sent == 2


def test_a_process_that_dies_while_it_sends_sends_nobody_a_second_one(services: Services, kept: Kept) -> None:
    subscribe(services)
    subscribe(services, "Ruth Ellery")

    class Killed(BaseException):
        pass

    def die(*_: object, **__: object) -> None:
        raise Killed

    with pytest.MonkeyPatch.context() as broken:
        broken.setattr("webui.mail.sending.MailServer.send", die)
        with pytest.raises(Killed):
            send(services)
    assert send(services).sent == 1, "who was claimed then may have it; the other one has not"
    assert len(set(kept.recipients)) == len(kept.recipients) == 1


def test_more_than_go_out_at_once_go_out_the_next_time(services: Services, kept: Kept) -> None:
    configure(services, **{"community.digest_to": ("all@example.org", "board@example.org")})
    for name in ("Inès Caradec", "Malo Rivière"):
        subscribe(services, name)
    sent = [services.digest_post.send_due(MONDAY_MORNING, most=3).sent for _ in range(3)]
    assert sent == [3, 1, 0]
    assert len(set(kept.recipients)) == 4


def test_who_opted_out_may_read_it_and_is_in_none(services: Services, kept: Kept) -> None:
    malo = subscribe(services, "Malo Rivière")
    subscribe(services)
    services.store.wishes.put(malo.id, Wish(opted_out=True))
    try:
        assert send(services).sent == 2
    finally:
        services.store.wishes.put(malo.id, Wish())
    assert all(
        "Malo" not in text_of(message, kind) for _, message in kept.mails for kind in ("plain", "html")
    )


def test_who_is_blocked_keeps_nobody_waiting(services: Services, kept: Kept) -> None:
    for name in ("Inès Caradec", "Malo Rivière"):
        subscribe(services, name)
        services.__dict__["wiki_accounts"].gone.add(name)
    ruth = subscribe(services, "Ruth Ellery")
    assert services.digest_post.send_due(MONDAY_MORNING, most=1).sent == 1
    assert kept.recipients == [f"{ruth.id}@example.org"]


@pytest.mark.parametrize(
    "address", ["https://compagnon.é.org", "https://compagnon.example.org/a b", "https://a.org/>"]
)
def test_an_address_of_ours_that_no_header_can_have_is_said(services: Services, address: str) -> None:
    subscribe(services)
    configure(services, **{"web.public_url": address})
    with pytest.raises(ConfigError, match=r"web\.public_url"):
        send(services)


@pytest.mark.parametrize("missing", ["mail.server", "mail.sender", "web.public_url"])
def test_settings_that_are_missing_are_named(services: Services, missing: str) -> None:
    configure(services, **{missing: None})
    with pytest.raises(ConfigError, match=missing):
        send(services)


@pytest.mark.parametrize(
    ("moment", "sends"),
    [
        ("2026-02-16T05:59:00+00:00", False),
        ("2026-02-16T06:00:00+00:00", True),
        ("2026-02-18T23:59:00+00:00", True),
        ("2026-02-19T00:00:00+00:00", False),
        ("2026-02-22T12:00:00+00:00", False),
    ],
)
def test_it_goes_out_in_the_morning_of_its_day_and_not_much_later(
    services: Services, kept: Kept, moment: str, sends: bool
) -> None:
    subscribe(services)
    with time_machine.travel(moment, tick=False) as clock:
        WeeklyPost(services).tick(MONDAY_MORNING.fromisoformat(moment))
        clock.shift(1)
    assert bool(kept.recipients) is sends


def test_by_itself_it_is_sent_once_and_trouble_is_told_once(
    services: Services, kept: Kept, caplog: pytest.LogCaptureFixture
) -> None:
    subscribe(services)
    weekly = WeeklyPost(services)
    port = services.config.number("mail.port")
    configure(services, **{"mail.port": 1})
    for minutes in (0, 1, 20, 40):
        weekly.tick(MONDAY_MORNING + timedelta(minutes=minutes))
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    configure(services, **{"mail.port": port})
    weekly.tick(MONDAY_MORNING + timedelta(minutes=41))
    assert kept.recipients == [], "a server that was away is left alone for a while"
    for minutes in (60, 61, 62, 90):
        weekly.tick(MONDAY_MORNING + timedelta(minutes=minutes))
    assert len(kept.recipients) == 1
    configure(services, **{"community.digest_day": 0})
    WeeklyPost(services).tick(MONDAY_MORNING + timedelta(days=7))
    assert len(kept.recipients) == 1


def test_a_trial_goes_to_one_address_and_counts_for_nobody(services: Services, kept: Kept) -> None:
    subscribe(services)
    assert services.digest_post.send_to("me@example.org", now=MONDAY_MORNING, language="en")
    assert kept.recipients == ["me@example.org"]
    assert not services.digest_post.send_to("me@example.org", now=MONDAY_MORNING + timedelta(days=42))
    with pytest.raises(ValueError, match="no address"):
        services.digest_post.send_to("me", now=MONDAY_MORNING)
    assert send(services).sent == 1
