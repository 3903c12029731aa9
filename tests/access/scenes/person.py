"""Somebody in the vault with one consent, whose case manager read their contact and who asked for erasure."""

from services.person import commands, store
from services.person.domain import AccessPurpose
from services.person.vault import Vault
from shared.ids import new_id
from tests.access.house import Call, Owners, Running, Scene
from tests.person.people import CANARIES, CONTACT, consent_given, hear_assignment, hear_enquiry

CONSENT = {
    "kind": "processing",
    "recipient": "office-moers",
    "purpose": "coordination",
    "valid_until": "2099-12-31",
}


async def make(running: Running) -> Scene:
    consent, manager = consent_given(), new_id()
    enquiry = await hear_enquiry(running.db, [consent])
    await hear_assignment(running.db, enquiry, manager)
    vault: Vault = running.app.state.vault
    async with running.db.transaction() as conn:
        await commands.register(conn, vault, enquiry, CONTACT)
        staff = commands.Staff(str(manager), "case_manager")
        await commands.read_contact(conn, vault, staff, enquiry, AccessPurpose.COUNSELLING)
        erasure = await commands.ask_erasure(conn, enquiry)
        person = await store.person_of(conn, enquiry)
    at = {"enquiry_id": enquiry}
    return Scene(
        Owners(enquiry=enquiry, manager=manager),
        {
            ("GET", "/public-key"): Call(),
            ("GET", "/persons/by-enquiry/{enquiry_id}"): Call(at, query={"purpose": "counselling"}),
            ("POST", "/persons/by-enquiry/{enquiry_id}/consents"): Call(at, body=CONSENT | {"given_how": "in_writing"}),
            ("POST", "/persons/by-enquiry/{enquiry_id}/note-key"): Call(at, body={"purpose": "counselling"}),
            ("POST", "/persons/{person_id}/erasure"): Call({"person_id": person}),
            ("GET", "/erasures/{erasure_id}"): Call({"erasure_id": erasure}),
            ("POST", "/conflict-tokens"): Call(body={"of": [{"kind": "village", "value": "Adi Keyh"}]}),
            ("GET", "/fetches"): Call(),
            ("POST", "/fetches/retry"): Call(),
            ("GET", "/me/access-log"): Call(),
            ("GET", "/me/consents"): Call(),
            ("POST", "/me/consents"): Call(body=CONSENT),
            ("DELETE", "/me/consents/{consent_id}"): Call({"consent_id": consent.consent_id}),
            ("POST", "/me/erasure-request"): Call(),
        },
        traces=frozenset({*CANARIES, str(person), str(consent.consent_id), str(manager)}),
    )
