"""Whoever was there says on their page how an interpreted talk went, if they like."""

from uuid import UUID

from services.gateway_web.texts import CATALOGUES
from tests.gateway_web.browser import Browser
from tests.gateway_web.managing import own_case, signed_in
from tests.gateway_web.proofs import latest
from tests.gateway_web.test_main_job import _asked_interpreter
from tests.gateway_web.test_offer_links import _link
from tests.gateway_web.town import Town

DE, EN = CATALOGUES["de"], CATALOGUES["en"]
MARKS = {"understanding": "4", "punctuality": "5"}


async def _talk(town: Town, browser: Browser) -> UUID:
    """Interpreted, and over: its booking."""
    path = await _link(town, browser)
    interpreter = Browser(town.url)
    async with interpreter.client:
        await interpreter.go(path)
        await interpreter.send("/offer/", answer="accept")
    await town.carry()
    assignments = town.parts["interpreter"].database.pool
    booking_id: UUID = await assignments.fetchval(
        "select booking_id from assignment order by confirmed_at desc limit 1"
    )
    await assignments.execute(
        "update assignment set starts_at = now() - interval '2 hours', ends_at = now() - interval '1 hour'"
        " where booking_id = $1",
        booking_id,
    )
    await town.parts["scheduling"].database.pool.execute(
        "update booking set state = 'attended' where id = $1", booking_id
    )
    return booking_id


async def _given(town: Town, booking_id: UUID) -> list[tuple[str, int, int, list[str]]]:
    rows = await town.parts["interpreter"].database.pool.fetch(
        "select by, understanding, punctuality, remarks from feedback"
        " join assignment on assignment.id = assignment_id where booking_id = $1 order by by",
        booking_id,
    )
    return [tuple(row) for row in rows]


async def test_a_participant_gives_marks_once(our_town: Town, browser: Browser) -> None:
    booking_id = await _talk(our_town, browser)
    await browser.go("/status")
    assert DE("status.feedback") in browser.text
    await browser.send(f"/status/bookings/{booking_id}/feedback", understanding="", punctuality="5")
    assert (browser.page.status_code, DE("error.marks") in browser.text) == (422, True)
    await browser.send(f"/status/bookings/{booking_id}/feedback", **MARKS)
    assert browser.page.status_code == 200
    assert await _given(our_town, booking_id) == [("participant", 4, 5, [])]
    await browser.send(f"/status/bookings/{booking_id}/feedback", understanding="1", punctuality="1")
    assert browser.page.status_code == 409


async def test_a_case_manager_gives_marks_and_remarks_once(our_town: Town, browser: Browser) -> None:
    booking_id = await _talk(our_town, browser)
    own, (_, case_manager_id) = await own_case(our_town), await latest(our_town)
    async with signed_in(our_town, case_manager_id, f"{own.path}/talks") as made:
        assert DE("feedback.title") not in made.text
        await our_town.parts["scheduling"].database.pool.execute(
            "update proposed_slot set starts_at = now() - interval '2 hours', ends_at = now() - interval '1 hour'"
            " where booking_id = $1",
            booking_id,
        )
        await made.go(f"{own.path}/talks")
        action = f"{own.path}/talks/{booking_id}/feedback"
        await made.send(action, **MARKS, remarks=["again_please", "other_dialect"])
        assert (made.page.status_code, DE("feedback.thanks") in made.text) == (200, True)
        assert await _given(our_town, booking_id) == [("case_manager", 4, 5, ["again_please", "other_dialect"])]
        await made.send(action, **MARKS)
        assert (made.page.status_code, DE("error.feedback-is-given") in made.text) == (409, True)


async def test_an_interpreter_is_asked_on_their_page_until_they_have_told(our_town: Town, browser: Browser) -> None:
    booking_id = await _talk(our_town, browser)
    path = f"/interpreter/talks/{booking_id}/feedback"
    interpreter = Browser(our_town.url)
    async with interpreter.client:
        await interpreter.sign_in("/interpreter", await _asked_interpreter(our_town))
        assert f'href="{path}"' in interpreter.text
        await interpreter.go(f"{path}?lang=en")
        assert EN("remark.terms_to_prepare") in interpreter.text
        await interpreter.send(path, understanding="4", punctuality="")
        assert (interpreter.page.status_code, EN("error.marks") in interpreter.text) == (422, True)
        form = interpreter.page
        await interpreter.send(path, **MARKS, remarks="terms_to_prepare")
        assert (interpreter.page.status_code, EN("feedback.thanks") in interpreter.text) == (200, True)
        assert await _given(our_town, booking_id) == [("interpreter", 4, 5, ["terms_to_prepare"])]
        assert path not in interpreter.text
        interpreter.page = form
        await interpreter.send(path, **(MARKS | {"understanding": "1"}))
        assert interpreter.page.status_code == 409
        assert (await interpreter.go(path)).status_code == 404


async def test_an_interpreter_who_was_not_there_is_not_asked(our_town: Town, browser: Browser) -> None:
    path = f"/interpreter/talks/{await _talk(our_town, browser)}/feedback"
    asked = await _asked_interpreter(our_town)
    stranger = Browser(our_town.url)
    async with stranger.client:
        await stranger.sign_in(path, "interpreter-02" if asked == "interpreter-01" else "interpreter-01")
        assert stranger.page.status_code == 404
