"""Messages go out by SMTP, in the person's language, at least once, and leave nothing behind."""

import string
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.person import domain, messages, sending, store_messages
from services.person.mail import MailAway, Smtp
from services.person.messages import Kind, Letter, Message, give_up_late
from services.person.one_time_codes import NoWayToSend
from services.person.sending import Sending
from services.person.talks import remind, tell_of_freed_time, tell_of_successor
from services.person.texts import LANGUAGES, TEXTS, in_languages
from services.person.vault import Vault
from shared import clock
from shared.contracts.scheduling import BookingTakenOver, FreedTimeOffered, ReminderDue
from shared.contracts.vocabulary import Mode, Topic
from shared.database import Database
from shared.ids import new_id
from shared.secret_file import SecretUnusable
from shared.settings import MailSecurity, Settings
from tests.person.caller import Callers, Registered
from tests.person.mail_server import MailServer, mail_server
from tests.person.people import ADDRESS, envelope_of, found_in_tables

TALK = {"starts_at": datetime(2026, 11, 24, 8, 30, tzinfo=UTC), "place": "Rathaus Dinslaken"}
PLACES = {
    Kind.CONTACT_CODE: {"code"}, Kind.CODE: {"code"}, Kind.REMINDER: {"starts_at", "place"},
    Kind.TAKEN_OVER: {"starts_at", "place"}, Kind.FREED_TIME: {"starts_at", "place", "answer_by"},
}  # fmt: skip
"""What the text of each kind has places for: a topic is not among them."""


@pytest.fixture
async def post_office() -> AsyncIterator[MailServer]:
    async with mail_server() as running:
        yield running


@pytest.fixture
def smtp(post_office: MailServer) -> Smtp:
    return Smtp("127.0.0.1", post_office.port, MailSecurity.NONE, "kim@kreis.example")


@pytest.fixture
def sender(vault: Vault, smtp: Smtp) -> Sending:
    return Sending(vault, smtp)


async def post(database: Database, vault: Vault, who: Registered, until: timedelta = timedelta(days=1)) -> None:
    async with database.transaction() as conn:
        await messages.post(conn, vault, who.person_id, Message(Kind.REMINDER, TALK, clock.now() + until))


def pass_time(monkeypatch: pytest.MonkeyPatch, passed: timedelta) -> None:
    for module in (sending, messages):
        monkeypatch.setattr(module, "now", lambda: clock.now() + passed)


async def states(database: Database) -> dict[str, int]:
    async with database.read() as conn:
        return await store_messages.count(conn)


async def test_a_message_arrives_once_and_its_text_is_gone_when_the_talk_begins(
    reachable: Registered, database: Database, vault: Vault, sender: Sending, post_office: MailServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    await post(database, vault, reachable)
    assert await found_in_tables(database, ADDRESS, "Rathaus") == []
    for _ in range(2):
        await sender.run(database)
    [mail] = post_office.mails
    assert (mail["to"], mail["from"], mail["auto-submitted"]) == (ADDRESS, "kim@kreis.example", "auto-generated")
    text = mail.get_content()
    assert "24.11.2026, 09:30 Uhr, Rathaus Dinslaken" in text, "by the clocks of Berlin"
    assert "Your appointment" in text, "nobody reads German only because their language has no texts"
    assert await states(database) == {"sent": 1}
    assert await found_in_tables(database, ADDRESS, "Rathaus") == []
    pass_time(monkeypatch, timedelta(days=1))
    async with database.transaction() as conn:
        assert await give_up_late(conn) == 1
    assert await states(database) == {"sent": 1}
    assert await database.pool.fetchval("select count(content) from message") == 0


async def test_while_the_server_is_away_a_message_waits_longer_each_time(
    reachable: Registered, database: Database, vault: Vault, sender: Sending, post_office: MailServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    post_office.answers = ["451 later", "421 closing"]
    await post(database, vault, reachable)
    passed = timedelta()
    for attempt in (1, 2):
        await sender.run(database)
        assert (post_office.mails, await states(database)) == ([], {"due": 1})
        passed += domain.retry_after(attempt)
        pass_time(monkeypatch, passed - timedelta(seconds=5))
        await sender.run(database)
        assert len(post_office.answers) == 2 - attempt, "not before its time"
        pass_time(monkeypatch, passed)
    await sender.run(database)
    assert (len(post_office.mails), await states(database)) == (1, {"sent": 1})


async def test_a_mail_whose_receipt_was_lost_comes_again_as_the_same_mail(
    reachable: Registered, database: Database, vault: Vault, sender: Sending, post_office: MailServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    post_office.after = ["451 lost"]
    await post(database, vault, reachable)
    await sender.run(database)
    pass_time(monkeypatch, timedelta(minutes=1))
    await sender.run(database)
    first, second = post_office.mails
    assert first["message-id"] == second["message-id"]
    assert str(first["message-id"]).endswith("@kreis.example>")


@pytest.mark.parametrize("of", ["recipient", "message"])
async def test_what_is_refused_for_good_is_a_coded_fact_and_holds_up_nothing(
    reachable: Registered, database: Database, vault: Vault, sender: Sending, post_office: MailServer,
    callers: Callers, of: str,
) -> None:  # fmt: skip
    if of == "recipient":
        post_office.recipients_answer = "550 no such user"
    else:
        post_office.answers = ["554 no"]
    await post(database, vault, reachable)
    await sender.run(database)
    assert await states(database) == {"refused": 1}
    post_office.recipients_answer = ""
    await post(database, vault, reachable)
    await sender.run(database)
    shown = await callers.role("administrator").get("/messages")
    assert shown.json() == {"due": 0, "sent": 1, "refused": 1, "too_late": 0, "on_page": 0, "not_consented": 0}


async def test_a_message_that_helps_nobody_any_more_is_given_up(
    reachable: Registered, database: Database, vault: Vault, sender: Sending, post_office: MailServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    await post(database, vault, reachable, timedelta(minutes=10))
    pass_time(monkeypatch, timedelta(minutes=10))
    await sender.run(database)
    async with database.transaction() as conn:
        assert await give_up_late(conn) == 1
    assert (post_office.mails, await states(database)) == ([], {"too_late": 1})


async def test_without_a_connection_nothing_is_lost(reachable: Registered, database: Database, vault: Vault) -> None:
    nowhere = Smtp("127.0.0.1", 1, MailSecurity.NONE, "kim@kreis.example")
    await post(database, vault, reachable)
    await Sending(vault, nowhere).run(database)
    assert await states(database) == {"due": 1}


async def test_a_server_that_cannot_protect_the_connection_gets_no_mail(post_office: MailServer) -> None:
    open_to_all = Smtp("127.0.0.1", post_office.port, MailSecurity.STARTTLS, "kim@kreis.example")
    with pytest.raises(MailAway):
        await open_to_all.send(Letter(to=ADDRESS, subject="s", text="t"), new_id())
    assert post_office.mails == []


async def test_whoever_gave_a_phone_number_finds_a_reminder_on_their_page_and_gets_no_code(
    registered: Registered, database: Database, vault: Vault, sender: Sending, post_office: MailServer
) -> None:
    await post(database, vault, registered)
    await sender.run(database)
    assert (post_office.mails, await states(database)) == ([], {"on_page": 1})
    code = Message(Kind.CODE, {"code": "123456"}, clock.now() + timedelta(minutes=10))
    async with database.transaction() as conn:
        with pytest.raises(NoWayToSend):
            await messages.post(conn, vault, registered.person_id, code)


async def test_an_erasure_takes_messages_with_it(
    reachable: Registered, callers: Callers, database: Database, vault: Vault, sender: Sending, post_office: MailServer
) -> None:
    await post(database, vault, reachable)
    await callers.role("administrator").post(f"/persons/{reachable.person_id}/erasure")
    await sender.run(database)
    assert (post_office.mails, await states(database)) == ([], {})


def test_without_a_server_there_is_no_mail_and_a_user_needs_a_password(settings: Settings) -> None:
    assert Smtp.of(settings.model_copy(update={"smtp_host": ""})) is None
    with pytest.raises(SecretUnusable):
        Smtp.of(settings.model_copy(update={"smtp_user": "kim"}))
    (settings.secrets_dir / "smtp-password").write_text("canary\n", encoding="ascii")
    (settings.secrets_dir / "smtp-password").chmod(0o600)
    made = Smtp.of(settings.model_copy(update={"smtp_user": "kim"}))
    assert made
    assert made.password == "canary"
    assert "canary" not in repr(made)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", Kind)
def test_every_text_has_places_for_what_it_is_given_and_for_nothing_else(language: str, kind: Kind) -> None:
    texts = TEXTS[language][kind]
    assert {name for _, name, _, _ in string.Formatter().parse(texts["text"]) if name} == PLACES[kind]
    assert texts.keys() == {"subject", "text"}
    assert "{" not in texts["subject"]
    for topic in Topic:
        assert topic not in (texts["subject"] + texts["text"]).lower().split()


def test_a_message_is_in_the_preferred_language_alone_where_there_are_texts_in_it() -> None:
    subject, text = in_languages("uk", Kind.REMINDER, TALK)
    assert (subject, text.count("\n\n")) == (TEXTS["uk"]["reminder"]["subject"], 0)
    both, _ = in_languages("ti", Kind.REMINDER, TALK)
    assert both == f"{TEXTS['de']['reminder']['subject']} / {TEXTS['en']['reminder']['subject']}"


@pytest.mark.parametrize(
    ("mode", "place"), [(Mode.IN_PERSON, "Beratungsstelle in Dinslaken"), (Mode.PHONE, "am Telefon")]
)
async def test_a_reminder_that_is_due_reaches_the_participant_with_time_and_place(
    database: Database, vault: Vault, reachable: Registered, sender: Sending, post_office: MailServer,
    mode: Mode, place: str,
) -> None:  # fmt: skip
    starts_at = clock.now() + timedelta(days=1)
    due = ReminderDue(
        booking_id=new_id(),
        case_id=new_id(),
        enquiry_id=reachable.enquiry_id,
        ags="05170008",
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=1),
        mode=mode,
        room_id=None,
    )
    async with database.transaction() as conn:
        await remind(conn, envelope_of(due, clock.now()), vault)
    await sender.run(database)
    [mail] = post_office.mails
    text = mail.get_content()
    assert place in text
    assert f"{starts_at.astimezone(clock.BERLIN):%d.%m.%Y}" in text


async def test_nobody_is_reminded_who_is_not_here_any_more(database: Database, vault: Vault) -> None:
    due = ReminderDue(
        booking_id=new_id(), case_id=new_id(), enquiry_id=new_id(), ags="05170008", starts_at=clock.now(),
        ends_at=clock.now(), mode=Mode.PHONE, room_id=None,
    )  # fmt: skip
    async with database.transaction() as conn:
        await remind(conn, envelope_of(due, clock.now()), vault)
    assert not any((await states(database)).values())


def _about(who: Registered, starts_at: datetime) -> dict[str, Any]:
    ids = {"booking_id": new_id(), "case_id": new_id(), "enquiry_id": who.enquiry_id, "ags": "05170008"}
    return {**ids, "starts_at": starts_at, "mode": Mode.IN_PERSON}


async def test_who_has_another_case_manager_is_told_that_the_time_is_kept(
    database: Database, vault: Vault, reachable: Registered, sender: Sending, post_office: MailServer
) -> None:
    starts_at = clock.now() + timedelta(days=3)
    told = BookingTakenOver(
        **_about(reachable, starts_at), ends_at=starts_at, case_manager_id=new_id(), taken_over_on=clock.today()
    )
    async with database.transaction() as conn:
        for each in (told, told.model_copy(update={"announced": False})):
            await tell_of_successor(conn, envelope_of(each, clock.now()), vault)
    await sender.run(database)
    [mail] = post_office.mails
    assert "Ihr Termin bleibt" in str(mail["subject"])
    text = mail.get_content()
    assert f"{starts_at.astimezone(clock.BERLIN):%d.%m.%Y, %H:%M} Uhr, Beratungsstelle in Dinslaken" in text
    assert "another case manager is there for you" in text


async def test_who_waited_is_told_what_became_free_and_until_when_it_is_theirs(
    database: Database, vault: Vault, reachable: Registered, sender: Sending, post_office: MailServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    starts_at, until = clock.now() + timedelta(days=9), clock.now() + timedelta(days=2)
    told = FreedTimeOffered(**_about(reachable, starts_at), expires_at=until)
    for _ in range(2):
        async with database.transaction() as conn:
            await tell_of_freed_time(conn, envelope_of(told, clock.now()), vault)
        await sender.run(database)
        pass_time(monkeypatch, timedelta(days=2))
    [mail] = post_office.mails
    text = mail.get_content()
    assert f"{starts_at.astimezone(clock.BERLIN):%d.%m.%Y, %H:%M} Uhr" in text
    assert f"bis {until.astimezone(clock.BERLIN):%d.%m.%Y, %H:%M} Uhr" in text
    async with database.transaction() as conn:
        await give_up_late(conn)
    assert await states(database) == {"sent": 1, "too_late": 1}
