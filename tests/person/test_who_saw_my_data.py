"""Who saw my data, in the participant's language."""

from datetime import UTC, datetime, timedelta

import pytest

from services.person.domain import Accessed, AccessPurpose
from services.person.texts import LANGUAGES, TEXTS, of_access
from shared.clock import now
from shared.ids import new_id
from tests.person.caller import Registered
from tests.person.intake_server import IntakeServer

AT = datetime(2026, 7, 1, 8, 30, tzinfo=UTC)
READ = {"who": "case_manager", "what": "contact", "why": "counselling"}
TOLD = set(Accessed) - {Accessed.MATCH}
"""That one tells of somebody else, and is not shown."""


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_of_the_log_has_its_words_in_every_language(language: str) -> None:
    texts = TEXTS[language]["access"]
    assert texts["what"].keys() >= TOLD
    assert texts["why"].keys() >= set(AccessPurpose)
    for what in TOLD:
        for why in AccessPurpose:
            line = of_access(language, {"who": "case_manager", "what": what, "why": why}, AT)
            assert "01.07.2026, 10:30" in line, "by the clocks of Berlin"
            for name, code in (("who", "case_manager"), ("what", what), ("why", why)):
                assert texts[name][code] in line
                assert texts[name]["other"] not in line


def test_whom_we_have_no_texts_for_reads_german_and_english() -> None:
    assert of_access("ti", READ, AT) == f"{of_access('de', READ, AT)} / {of_access('en', READ, AT)}"


def test_a_code_that_is_new_is_told_in_other_words_and_never_left_out() -> None:
    line = of_access("en", READ | {"what": "photograph"}, AT)
    assert line == "01.07.2026, 10:30: your case manager: read personal data; reason: counselling"


async def test_the_log_speaks_the_language_that_was_preferred_or_the_one_asked_for(registered: Registered) -> None:
    await registered.case_manager.get(registered.contact)
    proof = await registered.proof()
    told = (await registered.participant.get("/me/access-log", **proof)).json()
    assert [each["what"] for each in told] == ["second_factor", "contact"]
    for each in told:
        assert (" / " in each["text"], TEXTS["de"]["access"]["who"]["case_manager"] in each["text"]) == (True, True)
    turkish = (await registered.participant.get("/me/access-log?language=tr", **proof)).json()
    assert TEXTS["tr"]["access"]["what"]["contact"] in turkish[1]["text"]
    refused = await registered.participant.get("/me/access-log?language=ku", **proof)
    assert (refused.status_code, refused.json()["field"]) == (422, "language")


async def test_what_was_read_of_the_case_is_told_with_the_rest_in_order(
    intake: IntakeServer, registered: Registered
) -> None:
    await registered.case_manager.get(registered.contact)
    by_service = {"who": "caritas", "role": "partner", "what": "referrals", "why": "referral"}
    intake.accesses[registered.enquiry_id] = [
        by_service | {"id": str(new_id()), "at": (now() + offset).isoformat()}
        for offset in (timedelta(hours=1), timedelta(hours=-1))
    ]
    told = (await registered.participant.get("/me/access-log?language=en", **await registered.proof())).json()
    assert [each["what"] for each in told] == ["referrals", "second_factor", "contact", "referrals"]
    for each in (told[0], told[-1]):
        assert each["who"] == "caritas"
        assert each["text"].endswith("a service that you are referred to: read your referrals; reason: referral")


async def test_a_log_without_what_case_keeps_is_none(intake: IntakeServer, registered: Registered) -> None:
    intake.silent.add("case")
    refused = await registered.participant.get("/me/access-log", **await registered.proof())
    assert (refused.status_code, refused.json()["code"]) == (503, "holder-away")
