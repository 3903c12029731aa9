"""Cases of a case manager in Dinslaken with all that belongs to one, and of a colleague whom they supervise."""

from datetime import timedelta

from services.case import commands_plan, commands_posts, commands_referrals, store_accesses, store_posts
from services.case.accesses import Read, Why
from services.case.case import Case
from services.case.commands import Edit, today
from services.case.commands_plan import StepWish
from services.case.conferences import ConferenceWish
from services.case.notes import NoteKey
from services.case.plan import GoalKind, StepKind
from services.case.store_accesses import Access
from services.case.store_posts import Note
from shared.contracts.vocabulary import Phase, Purpose, ReferralService, StepOwner, Topic
from shared.ids import new_id
from tests.access.house import DINSLAKEN, MOERS, Call, Owners, Running, Scene
from tests.case.world import World
from tests.person.intake_server import NOTE_KEY

CARITAS = ReferralService.CARITAS


async def make(running: Running) -> Scene:
    world = World(running.db)
    manager = await world.post()
    case = await world.in_phase(Phase.LINKING)
    colleague = await world.post(municipalities=frozenset({MOERS}), supervisor_id=manager.id)
    supervised = await world.accept(ags=MOERS)
    successor = await world.post()
    until = today() + timedelta(days=100)
    await world.consent(case, CARITAS, valid_until=until)
    await world.consent(supervised, f"municipality-{DINSLAKEN}", Purpose.COUNSELLING, valid_until=until)
    note_id, secret = new_id(), NoteKey(NOTE_KEY)
    async with world.database.transaction() as conn:
        case, goal = await commands_plan.agree(conn, _edit(case), manager.id, Topic.HOUSING, GoalKind.OBTAIN)
        wish = StepWish(goal.goal_id, StepKind.APPLY, StepOwner.PARTICIPANT, today() + timedelta(days=9))
        case, step = await commands_plan.add_step(conn, _edit(case), manager.id, wish)
        case, referral = await commands_referrals.offer(conn, _edit(case), manager.id, CARITAS, Topic.HOUSING)
        table = ConferenceWish(today(), (new_id(),), (CARITAS,), (Topic.HOUSING,))
        case, conference = await commands_referrals.convene(conn, _edit(case), manager.id, table)
        await commands_posts.ask(conn, _edit(supervised), colleague.id, DINSLAKEN, None)
        await commands_posts.fall_ill(conn, colleague.id, today(), None, moves_cases=False)
        written = Note(note_id, manager.id, world.now, secret.encrypt("a note", case.case_id, note_id))
        await store_posts.insert_note(conn, case.case_id, written)
        access = Access(str(manager.id), "case_manager", Read.CASE, Why.COUNSELLING, world.now)
        await store_accesses.insert(conn, access, [case.enquiry_id])
    owners = Owners(enquiry=case.enquiry_id, manager=manager.id)
    at, version = {"case_id": case.case_id}, {"If-Match": f'"{case.version}"'}
    day = today().isoformat()
    return Scene(
        owners,
        {
            ("GET", "/cases"): Call(query={"limit": "10"}),
            ("GET", "/cases/{case_id}"): Call(at),
            ("GET", "/cases/{case_id}/talks"): Call(at),
            ("GET", "/cases/{case_id}/choice"): Call(at),
            ("POST", "/cases/{case_id}/phase"): Call(
                at, headers=version, body={"phase": "closed", "reason": "moved_away", "outcome": "unknown"}
            ),
            ("POST", "/cases/{case_id}/counselling"): Call(at, body={"mode": "phone", "duration_minutes": 60}),
            ("POST", "/cases/{case_id}/findings"): Call(
                at,
                headers={"Idempotency-Key": str(new_id())},
                body={"kind": "missing_language", "about": "housing"},
            ),
            ("GET", "/cases/{case_id}/plan"): Call(at),
            ("POST", "/cases/{case_id}/goals"): Call(at, headers=version, body={"area": "work", "kind": "keep"}),
            ("POST", "/goals/{goal_id}/progress"): Call(
                {"goal_id": goal.goal_id}, headers=version, body={"progress": 50, "is_dropped": False}
            ),
            ("POST", "/cases/{case_id}/steps"): Call(
                at,
                headers=version,
                body={"goal_id": str(goal.goal_id), "kind": "attend", "owner": "partner", "due_on": day},
            ),
            ("POST", "/steps/{step_id}/state"): Call(
                {"step_id": step.step_id}, headers=version, body={"state": "done"}
            ),
            ("GET", "/tasks"): Call(),
            ("GET", "/cases/{case_id}/assessments"): Call(at),
            ("POST", "/cases/{case_id}/assessments"): Call(at, headers=version, body={"ratings": {"housing": 2}}),
            ("GET", "/cases/{case_id}/referrals"): Call(at),
            ("POST", "/cases/{case_id}/referrals"): Call(
                at, headers=version, body={"service": "caritas", "area": "family"}
            ),
            ("POST", "/referrals/{referral_id}/state"): Call(
                {"referral_id": referral.referral_id}, headers=version, body={"state": "revoked"}
            ),
            ("GET", "/referrals"): Call(),
            ("POST", "/referrals/{referral_id}/answer"): Call(
                {"referral_id": referral.referral_id}, body={"state": "accepted"}
            ),
            ("GET", "/cases/{case_id}/conferences"): Call(at),
            ("POST", "/cases/{case_id}/conferences"): Call(
                at,
                headers=version,
                body={"held_on": day, "participants": [str(new_id())], "services": ["caritas"], "areas": ["housing"]},
            ),
            ("POST", "/conferences/{conference_id}/outcome"): Call(
                {"conference_id": conference.conference_id}, headers=version, body={"outcome": "plan_changed"}
            ),
            ("POST", "/cases/{case_id}/hand-over"): Call(
                at, headers=version, body={"ags": DINSLAKEN, "case_manager_id": str(successor.id)}
            ),
            ("GET", "/approvals"): Call(),
            ("POST", "/cases/{case_id}/hand-over/approval"): Call(
                {"case_id": supervised.case_id}, body={"approved": True}
            ),
            ("POST", "/cases/{case_id}/conflict-of-interest"): Call(at, headers=version),
            ("PUT", "/cases/{case_id}/interpreting"): Call(
                at, headers=version, body={"dialect": "ti-ER", "gender": "female", "gender_binding": True}
            ),
            ("POST", "/case-managers/{case_manager_id}/absence"): Call(
                {"case_manager_id": manager.id}, body={"absent_from": "2030-01-01", "absent_until": "2030-01-31"}
            ),
            ("GET", "/uncovered-cases"): Call(query={"limit": "10"}),
            ("GET", "/cases/{case_id}/notes"): Call(at),
            ("GET", "/internal/enquiries/{enquiry_id}/accesses"): Call({"enquiry_id": owners.enquiry}),
            ("POST", "/cases/{case_id}/notes"): Call(at, body={"text": "another note"}),
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
        traces=frozenset({str(case.case_id), str(case.enquiry_id), str(referral.referral_id), str(supervised.case_id)}),
    )


def _edit(case: Case) -> Edit:
    return Edit(case.case_id, case.version)
