"""Somebody in the vault with one consent, whose case manager read their contact and who asked for erasure.

They asked three times more: two of these records are merged.
"""

from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

from services.person import commands, merging, messages, second_factor, store
from services.person.commands import Staff
from services.person.domain import AccessPurpose
from services.person.merging import Decision
from services.person.messages import Kind, Message
from services.person.one_time_codes import CodePurpose
from services.person.texts import Place
from services.person.vault import Vault
from shared.clock import now
from shared.contracts.vocabulary import Mode
from shared.ids import new_id
from shared.sealing import ContactKind
from tests.access.house import Call, Owners, Running, Scene
from tests.person.people import CANARIES, CONSENT, CONTACT, consent_given, hear_assignment, hear_enquiry


async def make(running: Running) -> Scene:
    consent, manager, interpreter = consent_given(), new_id(), new_id()
    enquiry = await hear_enquiry(running.db, [consent])
    await hear_assignment(running.db, enquiry, manager)
    vault: Vault = running.app.state.vault
    async with running.db.transaction() as conn:
        contact = CONTACT.model_copy(update={"contact_kind": ContactKind.EMAIL})
        await commands.register(conn, vault, enquiry, contact)
        staff = Staff(str(manager), "case_manager")
        *_, version = await commands.read_contact(conn, vault, staff, enquiry, AccessPurpose.COUNSELLING)
        erasure = await commands.ask_erasure(conn, enquiry)
        person = await store.person_of(conn, enquiry)
        first = await second_factor.confirm_by_staff(conn, vault, staff, enquiry)
    async with running.db.transaction() as conn:
        code_id = await second_factor.check_code(conn, vault, enquiry, CodePurpose.SECOND_FACTOR, first)
    async with running.db.transaction() as conn:
        proof = await second_factor.redeem(conn, vault, enquiry, CodePurpose.SECOND_FACTOR, code_id)
        code = await second_factor.confirm_by_staff(conn, vault, staff, enquiry)
    proven = {"Second-Factor": proof.secret} if proof else {}
    at = {"enquiry_id": enquiry}
    return Scene(
        Owners(enquiry=enquiry, manager=manager, interpreter=interpreter, service="gateway_bot"),
        {
            ("GET", "/public-key"): Call(),
            ("GET", "/persons/by-enquiry/{enquiry_id}"): Call(at, query={"purpose": "counselling"}),
            ("PUT", "/persons/by-enquiry/{enquiry_id}/contact"): Call(
                at, headers={"If-Match": f'"{version}"'}, body=contact.model_dump(mode="json", exclude={"message"})
            ),
            ("GET", "/persons/by-enquiry/{enquiry_id}/consents"): Call(at, query={"purpose": "counselling"}),
            ("POST", "/persons/by-enquiry/{enquiry_id}/consents"): Call(at, body=CONSENT | {"given_how": "in_writing"}),
            ("DELETE", "/persons/by-enquiry/{enquiry_id}/consents/{consent_id}"): Call(
                at | {"consent_id": consent.consent_id}
            ),
            ("POST", "/persons/by-enquiry/{enquiry_id}/note-key"): Call(at, body={"purpose": "counselling"}),
            **await _duplicates(running, vault, staff),
            ("POST", "/persons/{person_id}/erasure"): Call({"person_id": person}),
            ("GET", "/erasures/{erasure_id}"): Call({"erasure_id": erasure}),
            ("POST", "/conflict-tokens"): Call(body={"of": [{"kind": "village", "value": "Adi Keyh"}]}),
            ("PUT", "/persons/by-enquiry/{enquiry_id}/conflicts"): Call(
                at, body={"of": [{"kind": "village", "value": "Adi Keyh"}]}
            ),
            ("PUT", "/interpreters/{interpreter_id}/conflicts"): Call(
                {"interpreter_id": new_id()}, body={"of": [{"kind": "family", "value": "Tesfay"}]}
            ),
            ("PUT", "/interpreters/{interpreter_id}/contact"): Call(
                {"interpreter_id": interpreter}, body={"email": "kanarienvogel@example.org", "language": "en"}
            ),
            ("GET", "/interpreters/contacts"): Call(),
            ("DELETE", "/interpreters/{interpreter_id}/contact"): Call({"interpreter_id": interpreter}),
            ("GET", "/fetches"): Call(),
            ("POST", "/fetches/retry"): Call(),
            ("GET", "/messages"): Call(),
            ("POST", "/outgoing/telegram/claim"): Call(),
            ("POST", "/outgoing/telegram/{message_id}/outcome"): Call(
                {"message_id": await _message(running, vault)}, body={"outcome": "sent"}
            ),
            ("GET", "/me/access-log"): Call(headers=proven),
            ("GET", "/me/export"): Call(headers=proven),
            ("GET", "/me/messages"): Call(headers=proven),
            ("POST", "/me/erasure"): Call(headers=proven),
            ("POST", "/me/codes"): Call(body={"purpose": "contact"}),
            ("POST", "/me/codes/redeem"): Call(body={"purpose": "second_factor", "code": code}),
            ("POST", "/persons/by-enquiry/{enquiry_id}/second-factor"): Call(at),
            ("GET", "/me/consents"): Call(),
            ("POST", "/me/consents"): Call(body=CONSENT),
            ("DELETE", "/me/consents/{consent_id}"): Call({"consent_id": consent.consent_id}),
            ("POST", "/me/erasure-request"): Call(),
        },
        traces=frozenset({*CANARIES, str(person), str(consent.consent_id), str(manager)}),
    )


async def _duplicates(running: Running, vault: Vault, staff: Staff) -> Mapping[tuple[str, str], Call]:
    """What is decided on the records of somebody who asked three times."""
    enquiries = [await hear_enquiry(running.db) for _ in range(3)]
    for enquiry in enquiries:
        await hear_assignment(running.db, enquiry, UUID(staff.subject))
        async with running.db.transaction() as conn:
            await commands.register(conn, vault, enquiry, CONTACT)
    async with running.db.transaction() as conn:
        merged, candidate = [{"person_id": str(await store.person_of(conn, each))} for each in enquiries[1:]]
        found = await merging.look(conn, staff, enquiries[0])
        version = await merging.merge(conn, Decision(staff, enquiries[0], UUID(merged["person_id"]), found.version))
    at, read = {"enquiry_id": enquiries[0]}, {"If-Match": f'"{version}"'}
    path = "/persons/by-enquiry/{enquiry_id}"
    return {
        ("GET", f"{path}/duplicates"): Call(at),
        ("POST", f"{path}/duplicates/dismissal"): Call(at, headers=read, body=candidate),
        ("POST", f"{path}/merge"): Call(at, headers=read, body=candidate),
        ("POST", f"{path}/merge-undo"): Call(at, headers=read, body=merged),
    }


async def _message(running: Running, vault: Vault) -> UUID:
    """Due to somebody's chat."""
    enquiry = await hear_enquiry(running.db)
    async with running.db.transaction() as conn:
        named = {"name": "Samuel Kidane", "contact_kind": ContactKind.TELEGRAM, "contact": "770001"}
        contact = CONTACT.model_copy(update=named)  # nobody's duplicate: what the others have read stays as it is
        await commands.register(conn, vault, enquiry, contact)
        values = {"starts_at": now(), "place": Place(Mode.PHONE, "Dinslaken")}
        reminder = Message(Kind.REMINDER, values, now() + timedelta(days=1))
        await messages.post(conn, vault, await store.person_of(conn, enquiry), reminder)
    found: UUID = await running.db.pool.fetchval("select id from message")
    return found
