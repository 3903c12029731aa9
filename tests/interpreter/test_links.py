"""An offer answered by its link: looking answers nothing, an answer counts once, and nobody signs in."""

import asyncio
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from services.interpreter.links import KEY_FILE, Links
from shared.clock import now
from shared.contracts.interpreter import OfferAccepted, OfferDeclined, OfferMade, OfferWithdrawn
from shared.ids import new_id
from shared.secret_file import SecretUnusable
from shared.settings import Settings
from tests.interpreter.agency import Agency
from tests.interpreter.people import Booking
from tests.interpreter.test_statements import WHEN, lines, read


async def linked(agency: Agency, booking: Booking, *also: UUID) -> tuple[UUID, str]:
    """Interpreter, and the token of the link to their offer."""
    who = (await agency.knows()).id
    await agency.hears(booking.held(who, also_asked=list(also)))
    [offer_id] = [made.offer_id for made in await agency.told(OfferMade) if made.interpreter_id == who]
    return who, await agency.link(offer_id)


async def test_the_link_shows_what_is_asked_and_changes_nothing(agency: Agency) -> None:
    booking = Booking()
    who, token = await linked(agency, booking)
    for _ in range(3):
        shown = await agency.look_by_link(token)
        assert (shown.status_code, shown.json()["state"], shown.json()["language"]) == (200, "open", "ti")
    assert await agency.states(booking.id) == {who: "open"}
    assert not {str(booking.id), str(who)} & set(shown.text.split('"'))


@pytest.mark.parametrize(("answer", "state"), [("accept", "accepted"), ("decline", "declined")])
async def test_an_answer_by_link_counts_once(agency: Agency, answer: str, state: str) -> None:
    booking = Booking()
    who, token = await linked(agency, booking)
    assert (await agency.answer_by_link(token, answer)).json()["state"] == state
    assert await agency.states(booking.id) == {who: state}
    again = await agency.answer_by_link(token, "accept")
    assert (again.status_code, again.json()["code"]) == (404, "link-refused")
    assert (await agency.look_by_link(token)).status_code == (200 if answer == "accept" else 404)
    assert len([*await agency.told(OfferAccepted), *await agency.told(OfferDeclined)]) == 1


async def test_who_accepted_by_link_gives_back_by_it_until_the_talk_begins(agency: Agency) -> None:
    booking = Booking()
    who, token = await linked(agency, booking)
    early = await agency.answer_by_link(token, "withdraw")
    assert (early.status_code, early.json()["code"]) == (409, "offer-not-accepted")
    await agency.answer_by_link(token, "accept")
    assert (await agency.answer_by_link(token, "decline")).status_code == 404
    assert (await agency.answer_by_link(token, "withdraw")).json()["state"] == "withdrawn"
    assert await agency.states(booking.id) == {who: "withdrawn"}
    assert len(await agency.told(OfferWithdrawn)) == 1
    assert (await agency.answer_by_link(token, "withdraw")).status_code == 404


async def test_an_assignment_names_the_offer_by_which_it_can_be_given_back(agency: Agency) -> None:
    booking = Booking()
    who, token = await linked(agency, booking)
    await agency.answer_by_link(token, "accept")
    await agency.hears(booking.confirmed(who))
    [assignment] = await agency.assignments(who)
    assert (await agency.answer("withdraw", assignment["offer_id"], who)).status_code == 200
    [cancelled] = await agency.assignments(who)
    assert (cancelled["offer_id"], cancelled["cancelled_at"] is None) == (None, False)


async def test_an_assignment_tells_whether_the_interpreter_was_signed_in_or_whose_link_it_was(agency: Agency) -> None:
    office = str(new_id())
    made = {
        "signed_in": None,
        "handed_link": agency.token("administrator", sub=office),
        "mailed_link": agency.token("service", sub="person"),
    }
    for way, maker in made.items():
        booking, who = Booking(), (await agency.knows()).id
        await agency.hears(booking.held(who))
        [offer_id] = [each.offer_id for each in await agency.told(OfferMade) if each.interpreter_id == who]
        if maker is None:
            await agency.answer("accept", offer_id, who)
        else:
            token = (await agency.client.post(f"/offers/{offer_id}/link", headers=maker)).json()["token"]
            await agency.answer_by_link(token, "accept")
        await agency.hears(booking.confirmed(who, **WHEN))
        by = {"signed_in": None, "handed_link": office, "mailed_link": "person"}[way]
        [assignment] = await agency.assignments(who)
        assert assignment["accepted"] == {"way": way, "link_made_by": by}
        [line, *_, total] = await lines(agency, who)
        assert (line["accepted"], line["link_made_by"]) == (way, by or "")
        assert (total["accepted"], total["link_made_by"]) == ("", "")
        assert (await read(agency, who, "pdf")).startswith(b"%PDF")


async def test_each_answer_is_kept_once_with_how_it_came_also_where_the_link_is_gone(agency: Agency) -> None:
    booking = Booking()
    who, token = await linked(agency, booking)
    [made] = await agency.told(OfferMade)
    await agency.answer_by_link(token, "accept")
    for _ in range(2):
        await agency.answer("accept", made.offer_id, who)
        await agency.answer("withdraw", made.offer_id, who)
    async with agency.db.read() as conn:
        rows = await conn.fetch("select answer, way from offer_answer order by answered_at")
    assert [tuple(row) for row in rows] == [("accepted", "handed_link"), ("withdrawn", "signed_in")]


async def test_of_answers_by_the_same_link_at_once_one_counts(agency: Agency) -> None:
    booking = Booking()
    _, token = await linked(agency, booking)
    answers = await asyncio.gather(*(agency.answer_by_link(token, verb) for verb in ("accept", "decline") * 4))
    assert sum(answer.status_code == 200 for answer in answers) == 1
    assert {answer.status_code for answer in answers} <= {200, 404, 409}


async def test_a_link_that_nobody_made_opens_nothing(agency: Agency) -> None:
    _, token = await linked(agency, Booking())
    other = token[::-1]
    assert (await agency.look_by_link(other)).status_code == 404
    assert (await agency.answer_by_link(other, "accept")).status_code == 404


async def test_a_newer_link_takes_the_place_of_an_earlier_one(agency: Agency) -> None:
    booking = Booking()
    await linked(agency, booking)
    [made] = await agency.told(OfferMade)
    first, second = await agency.link(made.offer_id), await agency.link(made.offer_id)
    assert (await agency.look_by_link(first)).status_code == 404
    assert (await agency.look_by_link(second)).status_code == 200


async def test_a_link_ends_with_its_offer(agency: Agency) -> None:
    booking = Booking()
    who, token = await linked(agency, booking)
    async with agency.db.transaction() as conn:
        await conn.execute("update offer set expires_at = $1", now() - timedelta(seconds=1))
    assert (await agency.look_by_link(token)).status_code == 404
    assert (await agency.answer_by_link(token, "accept")).status_code == 404
    assert await agency.states(booking.id) == {who: "open"}


async def test_who_comes_too_late_in_a_round_reads_that_it_is_taken(agency: Agency) -> None:
    booking, quick = Booking(), (await agency.knows()).id
    _, token = await linked(agency, booking, quick)
    [offer_id] = [made.offer_id for made in await agency.told(OfferMade) if made.interpreter_id == quick]
    await agency.answer("accept", offer_id, quick)
    assert (await agency.look_by_link(token)).json()["state"] == "withdrawn"
    refused = await agency.answer_by_link(token, "accept")
    assert (refused.status_code, refused.json()["code"]) == (409, "offer-is-withdrawn")


async def test_no_link_is_made_for_an_offer_that_is_answered(agency: Agency) -> None:
    _, token = await linked(agency, Booking())
    await agency.answer_by_link(token, "decline")
    [made] = await agency.told(OfferMade)
    refused = await agency.client.post(f"/offers/{made.offer_id}/link", headers=agency.token("administrator"))
    assert (refused.status_code, refused.json()["code"]) == (409, "offer-is-answered")


async def test_the_token_is_nowhere_in_the_database(agency: Agency) -> None:
    _, token = await linked(agency, Booking())
    async with agency.db.read() as conn:
        [kept] = await conn.fetch("select * from offer_link")
    assert len(token) == 32
    assert token.encode() not in bytes(kept["token_hash"])
    assert len(kept["token_hash"]) == 32


def test_without_its_key_the_service_does_not_start_in_production(tmp_path: Path) -> None:
    settings = Settings.model_validate({"environment": "production", "secrets_dir": tmp_path})
    with pytest.raises(SecretUnusable):
        Links(settings).require_key()
    (tmp_path / KEY_FILE).write_bytes(b"short")
    (tmp_path / KEY_FILE).chmod(0o600)
    with pytest.raises(SecretUnusable):
        Links(settings).require_key()
