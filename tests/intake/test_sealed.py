"""The sealed block: for person alone, and only until person has it."""

import json
from base64 import b64decode
from typing import Any
from uuid import UUID

import pytest
from nacl.public import SealedBox

from services.intake.app import build
from shared.clock import now
from shared.contracts.base import Event
from shared.contracts.person import PersonErased, PersonRegistered
from shared.envelope import Envelope
from shared.ids import new_id
from shared.sealing import SealedContact
from shared.settings import Settings
from tests.intake.desk import CONTACT, DINSLAKEN, KEY_ID, PERSON, Intake


def _path(receipt: dict[str, Any]) -> str:
    return f"/internal/enquiries/{receipt['enquiry_id']}/sealed"


async def _hear(intake: Intake, event: Event) -> None:
    envelope = Envelope(new_id(), event.type, "/person", event.subject_id, now(), None, event)
    async with intake.db.transaction() as conn:
        await build(Settings()).reactions[type(event)](conn, envelope)


async def test_person_gets_the_block_and_can_open_it(intake: Intake) -> None:
    receipt = await intake.receive()
    answer = (await intake.client.get(_path(receipt), headers=intake.staff("service", sub="person"))).json()
    opened = SealedBox(PERSON).decrypt(b64decode(answer["sealed"]))
    assert SealedContact.model_validate(json.loads(opened)) == CONTACT
    assert answer["key_id"] == KEY_ID


@pytest.mark.parametrize("role", ["clerk", "case_manager", "administrator", "partner", "coordinator"])
async def test_nobody_else_gets_it(intake: Intake, role: str) -> None:
    receipt = await intake.receive()
    headers = intake.staff(role, municipalities=[DINSLAKEN])
    assert (await intake.client.get(_path(receipt), headers=headers)).status_code == 403


async def test_another_service_does_not_learn_that_it_exists(intake: Intake) -> None:
    receipt = await intake.receive()
    headers = intake.staff("service", sub="coordination")
    assert (await intake.client.get(_path(receipt), headers=headers)).status_code == 404


async def test_once_the_person_is_registered_the_block_is_gone(intake: Intake) -> None:
    receipt, other = await intake.receive(), await intake.receive()
    person = intake.staff("service", sub="person")
    await _hear(intake, PersonRegistered(person_id=new_id(), enquiry_id=UUID(receipt["enquiry_id"])))
    assert (await intake.client.get(_path(receipt), headers=person)).status_code == 404
    assert (await intake.client.get(_path(other), headers=person)).status_code == 200
    status = await intake.client.get(receipt["status_url"], headers=await intake.participant(receipt))
    assert status.status_code == 200


async def test_after_an_erasure_nothing_of_the_enquiry_is_left(intake: Intake) -> None:
    receipt, other = await intake.receive(), await intake.receive()
    headers = await intake.participant(receipt)
    erased = PersonErased(person_id=new_id(), enquiry_ids=[UUID(receipt["enquiry_id"])])
    await _hear(intake, erased)
    await _hear(intake, erased)
    assert (await intake.client.get(receipt["status_url"], headers=headers)).status_code == 404
    assert (await intake.exchange(receipt["code"])).status_code == 401
    assert (await intake.exchange(other["code"])).status_code == 200


async def test_what_is_heard_of_an_unknown_enquiry_changes_nothing(intake: Intake) -> None:
    await intake.receive()
    before = await intake.everything()
    await _hear(intake, PersonRegistered(person_id=new_id(), enquiry_id=new_id()))
    assert await intake.everything() == before
