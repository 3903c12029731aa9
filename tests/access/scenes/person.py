"""Somebody in the vault with one consent, whose case manager read their contact and who asked for erasure."""

from services.person import commands, second_factor, store
from services.person.domain import AccessPurpose
from services.person.one_time_codes import CodePurpose
from services.person.vault import Vault
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
        staff = commands.Staff(str(manager), "case_manager")
        await commands.read_contact(conn, vault, staff, enquiry, AccessPurpose.COUNSELLING)
        erasure = await commands.ask_erasure(conn, enquiry)
        person = await store.person_of(conn, enquiry)
        first = await second_factor.confirm_by_staff(conn, vault, staff, enquiry)
    code_id = await second_factor.check_code(running.db, vault, enquiry, CodePurpose.SECOND_FACTOR, first)
    async with running.db.transaction() as conn:
        proof = await second_factor.redeem(conn, vault, enquiry, CodePurpose.SECOND_FACTOR, code_id)
        code = await second_factor.confirm_by_staff(conn, vault, staff, enquiry)
    proven = {"Second-Factor": proof.secret} if proof else {}
    at = {"enquiry_id": enquiry}
    return Scene(
        Owners(enquiry=enquiry, manager=manager, interpreter=interpreter),
        {
            ("GET", "/public-key"): Call(),
            ("GET", "/persons/by-enquiry/{enquiry_id}"): Call(at, query={"purpose": "counselling"}),
            ("POST", "/persons/by-enquiry/{enquiry_id}/consents"): Call(at, body=CONSENT | {"given_how": "in_writing"}),
            ("POST", "/persons/by-enquiry/{enquiry_id}/note-key"): Call(at, body={"purpose": "counselling"}),
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
            ("DELETE", "/interpreters/{interpreter_id}/contact"): Call({"interpreter_id": interpreter}),
            ("GET", "/fetches"): Call(),
            ("POST", "/fetches/retry"): Call(),
            ("GET", "/messages"): Call(),
            ("GET", "/me/access-log"): Call(headers=proven),
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
