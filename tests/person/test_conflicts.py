"""To whom somebody is too close: named once by staff, told as tokens, kept nowhere."""

from shared.contracts.person import ConflictsStated, InterpreterConflictsStated
from shared.database import Database
from shared.ids import new_id
from tests.person.caller import Callers, Registered
from tests.person.people import found_in_tables
from tests.told import told

VILLAGE = {"kind": "village", "value": "Adi Keyih"}


async def test_what_a_case_manager_and_an_administrator_name_meets_in_equal_tokens(
    registered: Registered, callers: Callers, database: Database
) -> None:
    who = new_id()
    named = {"of": [VILLAGE, {"kind": "village", "value": "adi  keyih"}, {"kind": "family", "value": "Tesfay"}]}
    stated = await registered.case_manager.put(f"/persons/by-enquiry/{registered.enquiry_id}/conflicts", named)
    assert (stated.status_code, stated.json()) == (200, {"number": 2})
    administrator = callers.role("administrator")
    assert (await administrator.put(f"/interpreters/{who}/conflicts", {"of": [VILLAGE]})).json() == {"number": 1}
    *_, participant, interpreter = await told(database)
    assert isinstance(participant, ConflictsStated)
    assert isinstance(interpreter, InterpreterConflictsStated)
    assert (participant.enquiry_id, interpreter.interpreter_id) == (registered.enquiry_id, who)
    assert len(participant.tokens) == 2
    assert set(interpreter.tokens) < set(participant.tokens)
    assert await found_in_tables(database, "Adi Keyih", "adi keyih", "Tesfay", "tesfay") == []


async def test_naming_nothing_takes_back_what_was_named(registered: Registered, database: Database) -> None:
    path = f"/persons/by-enquiry/{registered.enquiry_id}/conflicts"
    for named in ([VILLAGE], []):
        assert (await registered.case_manager.put(path, {"of": named})).status_code == 200
    last = (await told(database))[-1]
    assert isinstance(last, ConflictsStated)
    assert last.tokens == []
