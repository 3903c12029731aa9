"""A case of a case manager in Dinslaken, whose first talk is confirmed."""

from shared.ids import new_id
from tests.access.house import DINSLAKEN, Call, Owners, Running, Scene
from tests.case.world import World


async def make(running: Running) -> Scene:
    world = World(running.db)
    manager = await world.post()
    opened = await world.accept()
    await world.confirm(opened, new_id())
    case = await world.stored(opened)
    owners = Owners(enquiry=case.enquiry_id, manager=manager.id)
    at = {"case_id": case.case_id}
    return Scene(
        owners,
        {
            ("GET", "/cases"): Call(query={"limit": "10"}),
            ("GET", "/cases/{case_id}"): Call(at),
            ("GET", "/cases/{case_id}/talks"): Call(at),
            ("GET", "/cases/{case_id}/choice"): Call(at),
            ("POST", "/cases/{case_id}/phase"): Call(
                at, headers={"If-Match": f'"{case.version}"'}, body={"phase": "closed", "reason": "goals_reached"}
            ),
            ("POST", "/cases/{case_id}/counselling"): Call(at, body={"mode": "phone", "duration_minutes": 60}),
            ("POST", "/cases/{case_id}/findings"): Call(
                at,
                headers={"Idempotency-Key": str(new_id())},
                body={"kind": "missing_language", "about": "housing"},
            ),
            ("GET", "/enquiries/{enquiry_id}/case"): Call({"enquiry_id": owners.enquiry}),
            ("PUT", "/case-managers/{case_manager_id}"): Call(
                {"case_manager_id": new_id()},
                body={
                    "fte": 0.5,
                    "municipalities": [DINSLAKEN],
                    "languages": ["de", "ti"],
                    "topics": ["housing"],
                    "absent_from": "2030-01-01",
                    "absent_until": "2030-01-31",
                },
            ),
        },
        traces=frozenset({str(case.case_id), str(case.enquiry_id)}),
    )
