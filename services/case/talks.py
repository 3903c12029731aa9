"""The talks of a case: asked for one at a time, and what is heard of their bookings."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from services.case import refusals
from services.case.case import Case, Outcome, Talk, TalkState
from shared.contracts.case import CounsellingRequested
from shared.contracts.vocabulary import Mode, TalkPurpose

Verb = Callable[[Case], Outcome]

DURATION = 60
"""Minutes of a talk for which nothing else is said."""


class TalkWish(NamedTuple):
    """What is asked for; None is as the participant wanted it with the enquiry."""

    mode: Mode | None = None
    duration_minutes: int = DURATION
    purpose: TalkPurpose = TalkPurpose.COUNSELLING
    """It decides who may interpret."""


def request(case: Case, wish: TalkWish, counselling_id: UUID, today: date) -> Outcome:
    """One at a time, so that what is heard of a booking belongs to one talk.

    Raises CaseIsClosed, CaseUnassigned, TalkUnderWay.
    """
    if case.is_closed:
        raise refusals.CaseIsClosed
    if case.case_manager_id is None:
        raise refusals.CaseUnassigned
    if any(talk.state is TalkState.REQUESTED and talk.booking_id is None for talk in case.talks):
        raise refusals.TalkUnderWay
    talk = Talk(counselling_id, wish.mode or case.mode, wish.duration_minutes, today)
    requested = CounsellingRequested(
        case_id=case.case_id,
        enquiry_id=case.enquiry_id,
        ags=case.ags,
        counselling_id=counselling_id,
        case_manager_id=case.case_manager_id,
        languages=list(case.languages),
        interpreter_needed=not case.speaks_language,
        topics=list(case.topics),
        mode=talk.mode,
        duration_minutes=talk.duration_minutes,
        purpose=wish.purpose,
        **case.needs._asdict(),
        requested_on=today,
    )
    return replace(case, talks=(*case.talks, talk)), [requested]


class Asked(NamedTuple):
    """A talk of a series, which scheduling asked for."""

    counselling_id: UUID
    booking_id: UUID
    mode: Mode
    duration_minutes: int
    requested_on: date


def learn(case: Case, asked: Asked) -> Outcome:
    """The case has this talk, too; heard again, it changes nothing."""
    if any(talk.counselling_id == asked.counselling_id for talk in case.talks):
        return case, []
    talk = Talk(
        asked.counselling_id, asked.mode, asked.duration_minutes, asked.requested_on, booking_id=asked.booking_id
    )
    return replace(case, talks=(*case.talks, talk)), []


class Confirmation(NamedTuple):
    booking_id: UUID
    starts_at: datetime
    ends_at: datetime
    replaces: UUID | None = None
    """The booking whose place it takes: the talk was moved."""


def confirmed(case: Case, told: Confirmation) -> Outcome:
    """Raises TalkUnknown."""
    booking_id, starts_at, ends_at, replaces = told
    talk = replace(_talk(case, replaces or booking_id), state=TalkState.CONFIRMED, starts_at=starts_at, ends_at=ends_at)
    return _with(case, talk, booking_id), []


def unmet(case: Case, booking_id: UUID) -> Outcome:
    """Raises TalkUnknown."""
    return _with(case, replace(_talk(case, booking_id), state=TalkState.UNMET), booking_id), []


def attended(case: Case, booking_id: UUID) -> Outcome:
    """Raises TalkUnknown."""
    return _with(case, replace(_talk(case, booking_id), state=TalkState.ATTENDED), booking_id), []


def missed(case: Case, booking_id: UUID) -> Outcome:
    """Raises TalkUnknown."""
    return _with(case, replace(_talk(case, booking_id), state=TalkState.MISSED), booking_id), []


def released(case: Case, booking_id: UUID) -> Outcome:
    """That nobody could interpret says more than the release that follows it. Raises TalkUnknown."""
    talk = _talk(case, booking_id)
    state = TalkState.UNMET if talk.state is TalkState.UNMET else TalkState.RELEASED
    return _with(case, replace(talk, state=state), booking_id), []


def _talk(case: Case, booking_id: UUID) -> Talk:
    """The talk of the booking, or the one that waits for its booking. Raises TalkUnknown."""
    bound = [talk for talk in case.talks if talk.booking_id == booking_id]
    waiting = [talk for talk in case.talks if talk.booking_id is None and talk.state is TalkState.REQUESTED]
    if not (bound or waiting):
        raise refusals.TalkUnknown
    return (bound or waiting)[0]


def _with(case: Case, talk: Talk, booking_id: UUID) -> Case:
    known = replace(talk, booking_id=booking_id)
    talks = (known if each.counselling_id == talk.counselling_id else each for each in case.talks)
    return replace(case, talks=tuple(talks))
