"""Sentences about enquiries. Nothing here needs a database."""

from datetime import date
from itertools import combinations
from uuid import UUID

import pytest

from services.intake.domain import (
    AlreadyDecided,
    Asked,
    Change,
    Enquiry,
    Place,
    Status,
    Wishes,
    accept,
    receive,
    redirect,
    withdraw,
)
from shared.contracts.intake import EnquiryAccepted, EnquiryReceived, EnquiryRedirected, EnquiryWithdrawn
from shared.contracts.vocabulary import Channel, Criterion, Mode, ReferralService, Topic, WithdrawalReason

ID = UUID("0192f3a0-0000-7000-8000-000000000001")
TODAY = date(2026, 3, 16)
LATER = date(2026, 3, 18)
DINSLAKEN = Place("46535", "05170008", "dinslaken")


def _asked(*criteria: Criterion) -> Asked:
    topics = (Topic.HOUSING, Topic.RESIDENCE)
    return Asked(DINSLAKEN, Wishes(topics, ("ti", "am"), Mode.IN_PERSON, criteria), Channel.WEB)


def _received(*criteria: Criterion) -> Change:
    return receive(ID, _asked(*criteria), [], TODAY)


def _waiting() -> Enquiry:
    return _received()[0]


def test_an_enquiry_says_what_is_asked_for_in_codes() -> None:
    _, events = _received(Criterion.COMPLEX_NEED)
    assert events == [
        EnquiryReceived(
            enquiry_id=ID,
            ags="05170008",
            postcode="46535",
            topics=[Topic.HOUSING, Topic.RESIDENCE],
            languages=["ti", "am"],
            mode=Mode.IN_PERSON,
            channel=Channel.WEB,
            criteria=[Criterion.COMPLEX_NEED],
            consents=[],
            received_on=TODAY,
        )
    ]


def test_with_all_five_criteria_an_enquiry_is_accepted_at_once() -> None:
    enquiry, events = _received(*Criterion)
    assert (enquiry.status, enquiry.decided_on) == (Status.ACCEPTED, TODAY)
    assert events[1:] == [
        EnquiryAccepted(
            enquiry_id=ID,
            ags="05170008",
            topics=[Topic.HOUSING, Topic.RESIDENCE],
            languages=["ti", "am"],
            mode=Mode.IN_PERSON,
            accepted_on=TODAY,
        )
    ]


@pytest.mark.parametrize("stated", list(combinations(Criterion, 4)))
def test_with_a_criterion_missing_an_enquiry_waits_for_a_clerk(stated: tuple[Criterion, ...]) -> None:
    enquiry, events = _received(*stated)
    assert (enquiry.status, enquiry.decided_on) == (Status.WAITING, None)
    assert [type(event) for event in events] == [EnquiryReceived]


def test_a_clerk_accepts_what_waits() -> None:
    enquiry, events = accept(_waiting(), LATER)
    assert (enquiry.status, enquiry.decided_on, enquiry.received_on) == (Status.ACCEPTED, LATER, TODAY)
    assert [type(event) for event in events] == [EnquiryAccepted]


def test_a_redirection_names_the_service() -> None:
    enquiry, events = redirect(_waiting(), ReferralService.JOB_CENTRE, LATER)
    assert (enquiry.status, enquiry.service) == (Status.REDIRECTED, ReferralService.JOB_CENTRE)
    assert events == [
        EnquiryRedirected(enquiry_id=ID, ags="05170008", service=ReferralService.JOB_CENTRE, redirected_on=LATER)
    ]


def test_counselling_is_voluntary() -> None:
    enquiry, events = withdraw(_waiting(), WithdrawalReason.BY_PARTICIPANT, LATER)
    assert enquiry.status is Status.WITHDRAWN
    assert events == [
        EnquiryWithdrawn(enquiry_id=ID, ags="05170008", reason=WithdrawalReason.BY_PARTICIPANT, withdrawn_on=LATER)
    ]


@pytest.mark.parametrize(
    "decided",
    [
        accept(_waiting(), TODAY)[0],
        redirect(_waiting(), ReferralService.HEALTH_OFFICE, TODAY)[0],
        withdraw(_waiting(), WithdrawalReason.NOT_REACHED, TODAY)[0],
    ],
    ids=lambda enquiry: enquiry.status,
)
def test_an_enquiry_is_decided_once(decided: Enquiry) -> None:
    with pytest.raises(AlreadyDecided):
        accept(decided, LATER)
    with pytest.raises(AlreadyDecided):
        redirect(decided, ReferralService.HOUSING_OFFICE, LATER)
    with pytest.raises(AlreadyDecided):
        withdraw(decided, WithdrawalReason.DUPLICATE, LATER)


def test_a_verb_leaves_the_state_it_was_given_alone() -> None:
    waiting = _waiting()
    accept(waiting, LATER)
    assert waiting == _waiting()
