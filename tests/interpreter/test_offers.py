"""An offer from being made to its end: silence is never acceptance."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from services.interpreter.offers import (
    LanguageMissing,
    Offer,
    OfferHasExpired,
    OfferIsAnswered,
    OfferIsWithdrawn,
    OfferState,
    UnknownInterpreter,
    accept,
    asked_by,
    assign,
    cancel,
    decline,
    expire,
    make_offer,
    withdraw,
)
from services.interpreter.tariffs import Asking
from shared.contracts.interpreter import OfferAccepted, OfferDeclined, OfferExpired, OfferMade
from shared.errors import DomainError
from shared.ids import new_id
from tests.interpreter.people import ENDS_AT, STARTS_AT, Booking

NOW = datetime(2026, 3, 16, 23, 30, tzinfo=UTC)
RULE = Asking(at_once=1, answer_within_hours=24)
BERLIN_DAY = date(2026, 3, 17)
"""It is past midnight there."""


def offer(hold_ends: datetime = NOW + timedelta(hours=6)) -> Offer:
    hold = Booking().held(new_id(), expires_at=hold_ends)
    return make_offer(new_id(), hold, asked_by(hold)[0], RULE, NOW)[0]


def test_an_offer_says_what_for_and_until_when() -> None:
    booking, who = Booking(), new_id()
    hold = booking.held(who, expires_at=NOW + timedelta(hours=6))
    made, [told] = make_offer(new_id(), hold, who, RULE, NOW)
    assert (made.state, made.interpreter_id, made.made_at) == (OfferState.OPEN, who, NOW)
    assert told == OfferMade(
        offer_id=made.id,
        booking_id=booking.id,
        interpreter_id=who,
        enquiry_id=hold.enquiry_id,
        ags=hold.ags,
        language="ti",
        starts_at=STARTS_AT,
        ends_at=ENDS_AT,
        expires_at=NOW + timedelta(hours=5, minutes=45),
        made_on=BERLIN_DAY,
    )


@pytest.mark.parametrize(
    ("hold", "offered"),
    [
        (timedelta(hours=1), timedelta(minutes=45)),
        (timedelta(hours=24, minutes=15), timedelta(hours=24)),
        (timedelta(hours=48), timedelta(hours=24)),
        (timedelta(minutes=10), timedelta(minutes=-5)),
    ],
    ids=str,
)
def test_an_offer_ends_a_quarter_of_an_hour_before_the_hold_and_within_a_day(
    hold: timedelta, offered: timedelta
) -> None:
    assert offer(NOW + hold).expires_at == NOW + offered


def test_a_hold_without_interpreter_or_language_makes_no_offer() -> None:
    with pytest.raises(UnknownInterpreter):
        make_offer(new_id(), Booking().held(None), new_id(), RULE, NOW)
    with pytest.raises(LanguageMissing):
        make_offer(new_id(), Booking().held(new_id(), language=None), new_id(), RULE, NOW)


def test_accepting_is_told_once() -> None:
    accepted, [told] = accept(offer(), NOW)
    assert (accepted.state, accepted.ended_at) == (OfferState.ACCEPTED, NOW)
    assert isinstance(told, OfferAccepted)
    assert told.accepted_on == BERLIN_DAY
    assert accept(accepted, NOW + timedelta(days=30)) == (accepted, [])


def test_declining_is_told_once() -> None:
    declined, [told] = decline(offer(), NOW)
    assert declined.state is OfferState.DECLINED
    assert isinstance(told, OfferDeclined)
    assert told.declined_on == BERLIN_DAY
    assert decline(declined, NOW) == (declined, [])


def test_silence_expires() -> None:
    silent = offer()
    assert expire(silent, silent.expires_at - timedelta(microseconds=1)) == (silent, [])
    expired, [told] = expire(silent, silent.expires_at)
    assert expired.state is OfferState.EXPIRED
    assert isinstance(told, OfferExpired)
    assert expire(expired, silent.expires_at) == (expired, [])


def test_an_answered_offer_does_not_expire() -> None:
    accepted, _ = accept(offer(), NOW)
    assert expire(accepted, NOW + timedelta(days=30)) == (accepted, [])


@pytest.mark.parametrize("answer", [accept, decline])
def test_an_answer_after_the_time_limit_is_too_late_even_before_the_loop_came_by(
    answer: Callable[[Offer, datetime], object],
) -> None:
    silent = offer()
    with pytest.raises(OfferHasExpired):
        answer(silent, silent.expires_at)


@pytest.mark.parametrize(
    ("state", "answer", "error"),
    [
        (OfferState.ACCEPTED, decline, OfferIsAnswered),
        (OfferState.DECLINED, accept, OfferIsAnswered),
        (OfferState.EXPIRED, accept, OfferHasExpired),
        (OfferState.EXPIRED, decline, OfferHasExpired),
        (OfferState.WITHDRAWN, accept, OfferIsWithdrawn),
        (OfferState.WITHDRAWN, decline, OfferIsWithdrawn),
        (OfferState.GIVEN_BACK, accept, OfferIsWithdrawn),
        (OfferState.GIVEN_BACK, decline, OfferIsWithdrawn),
    ],
)
def test_an_ended_offer_keeps_its_end(
    state: OfferState, answer: Callable[[Offer, datetime], object], error: type[DomainError]
) -> None:
    with pytest.raises(error):
        answer(replace(offer(), state=state), NOW)


def test_withdrawing_ends_what_is_open_or_accepted() -> None:
    for state in OfferState:
        ended, events = withdraw(replace(offer(), state=state), NOW)
        live = state in {OfferState.OPEN, OfferState.ACCEPTED}
        assert ended.state is (OfferState.WITHDRAWN if live else state)
        assert events == []


def test_a_confirmed_booking_is_an_assignment_until_it_is_cancelled() -> None:
    booking, who = Booking(), new_id()
    assignment = assign(new_id(), booking.confirmed(who), NOW)
    assert (assignment.interpreter_id, assignment.booking_id, assignment.confirmed_at) == (
        who,
        booking.id,
        NOW,
    )
    cancelled = cancel(assignment, NOW + timedelta(hours=1))
    assert cancel(cancelled, NOW + timedelta(hours=2)).cancelled_at == NOW + timedelta(hours=1)
