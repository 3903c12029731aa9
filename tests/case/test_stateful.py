"""Cases under random use, legal and illegal, on the real database: every refusal has a name, every state holds."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from itertools import pairwise
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from services.case import (
    commands,
    commands_consents,
    commands_plan,
    commands_posts,
    commands_referrals,
    consents,
    store_consents,
    store_plan,
    store_referrals,
)
from services.case.app import SCHEMA
from services.case.assessment import Rating
from services.case.case import NEVER_CHOSEN, Case, ClosingOutcome, ClosingReason, Ending
from services.case.commands import Edit
from services.case.commands_plan import StepWish
from services.case.conferences import ConferenceOutcome, ConferenceWish
from services.case.plan import GoalKind, StepKind, StepState
from shared.contracts.case import CasePhaseChanged, ReferralChanged
from shared.contracts.vocabulary import ConsentKind, Phase, Purpose, ReferralService, ReferralState, StepOwner, Topic
from shared.database import Connection, Database
from shared.errors import DomainError
from shared.ids import new_id
from tests.case.world import DINSLAKEN, MOERS, NOON, World
from tests.conftest import NewDatabase

T = TypeVar("T")
CARITAS = ReferralService.CARITAS
PHASES = {
    Phase.CLARIFICATION: {Phase.ASSESSMENT, Phase.CLOSED},
    Phase.ASSESSMENT: {Phase.PLANNING, Phase.CLOSED},
    Phase.PLANNING: {Phase.LINKING, Phase.CLOSED},
    Phase.LINKING: {Phase.CLOSED},
    Phase.CLOSED: {Phase.ASSESSMENT},
}
"""What may follow, by hand."""


class Cases(RuleBasedStateMachine):
    """Two cases, two municipalities: whatever is tried ends in a new version, or in a named refusal without a trace."""

    def __init__(self, runner: asyncio.Runner, world: World) -> None:
        super().__init__()
        self.runner = runner
        self.world = world

    def wait(self, action: Awaitable[T]) -> T:
        async def awaited() -> T:
            return await action

        return self.runner.run(awaited())

    @initialize()
    def begin(self) -> None:
        self.world.now = NOON
        self.wait(self.world.database.pool.execute("truncate case_manager, enquiry, outbox cascade"))
        self.managers = [self.wait(self.world.post(municipalities=frozenset({DINSLAKEN, MOERS}))) for _ in range(2)]
        self.cases = [self.wait(self.world.accept(ags=ags)) for ags in (DINSLAKEN, MOERS)]
        self.consents: dict[Any, list[Any]] = {case.case_id: [] for case in self.cases}

    def attempt(self, which: int, act: Callable[[Connection, Edit, Any, Case], Awaitable[Any]], *, stale: bool) -> None:
        """By whoever has the case, from the version they read, or an older one."""
        before = self.wait(self.world.stored(self.cases[which]))
        told = len(self.wait(self.world.told()))
        edit = Edit(before.case_id, before.version - stale)

        async def run() -> None:
            async with self.world.database.transaction() as conn:
                await act(conn, edit, before.case_manager_id, before)

        try:
            self.wait(run())
        except DomainError:
            assert self.wait(self.world.stored(before)) == before
            assert len(self.wait(self.world.told())) == told
        else:
            assert not stale, "an outdated version changes nothing"
            assert self.wait(self.world.stored(before)).version > before.version

    either = st.integers(0, 1)
    rarely = st.sampled_from([False, False, False, True])

    @rule(which=either, phase=st.sampled_from(Phase), ended=st.booleans(), stale=rarely)
    def change_phase(self, which: int, phase: Phase, *, ended: bool, stale: bool) -> None:
        ending = Ending(ClosingReason.GOALS_REACHED, ClosingOutcome.IMPROVED) if ended else None
        self.attempt(which, lambda c, e, m, _: commands.change_phase(c, e, m, phase, ending), stale=stale)

    @rule(which=either)
    def next_phase(self, which: int) -> None:
        follows = {Phase.CLARIFICATION: Phase.ASSESSMENT, Phase.ASSESSMENT: Phase.PLANNING}
        self.attempt(
            which,
            lambda c, e, m, case: commands.change_phase(c, e, m, follows.get(case.phase, Phase.LINKING), None),
            stale=False,
        )

    @rule(which=either, stale=rarely)
    def agree(self, which: int, *, stale: bool) -> None:
        self.attempt(which, lambda c, e, m, _: commands_plan.agree(c, e, m, Topic.WORK, GoalKind.KEEP), stale=stale)

    @rule(which=either, whose=either, days=st.integers(-1, 5))
    def add_step(self, which: int, whose: int, days: int) -> None:
        async def act(conn: Connection, edit: Edit, manager: Any, _: Case) -> None:
            goals = (await store_plan.plan(conn, self.cases[whose].case_id)).goals
            goal_id = goals[-1].goal_id if goals else edit.case_id
            due = self.world.today + timedelta(days=days)
            wish = StepWish(goal_id, StepKind.ATTEND, StepOwner.PARTICIPANT, due)
            await commands_plan.add_step(conn, edit, manager, wish)

        self.attempt(which, act, stale=False)

    @rule(which=either, percent=st.sampled_from([0, 50, 100]), drop=st.booleans())
    def progress(self, which: int, percent: int, *, drop: bool) -> None:
        async def act(conn: Connection, edit: Edit, manager: Any, _: Case) -> None:
            for goal in (await store_plan.plan(conn, edit.case_id)).goals[:1]:
                await commands_plan.progress(conn, goal.goal_id, edit.version, manager, percent, drop=drop)
                return
            await commands_plan.agree(conn, edit, manager, Topic.MONEY, GoalKind.OBTAIN)

        self.attempt(which, act, stale=False)

    @rule(which=either, stale=rarely)
    def settle_or_assess(self, which: int, *, stale: bool) -> None:
        async def act(conn: Connection, edit: Edit, manager: Any, _: Case) -> None:
            for step in (await store_plan.plan(conn, edit.case_id)).steps[:1]:
                await commands_plan.settle(conn, step.step_id, edit.version, manager, StepState.DONE)
                return
            await commands_plan.assess(conn, edit, manager, {Topic.HEALTH: Rating.FRAGILE})

        self.attempt(which, act, stale=stale)

    @rule(which=either, days=st.integers(0, 6), municipal=st.booleans())
    def consent(self, which: int, days: int, *, municipal: bool) -> None:
        case = self.cases[which]
        until = self.world.today + timedelta(days=days)
        elsewhere = MOERS if which == 0 else DINSLAKEN
        recipient = f"municipality-{elsewhere}" if municipal else str(CARITAS)
        purpose = Purpose.COUNSELLING if municipal else Purpose.REFERRAL
        self.consents[case.case_id] += self.wait(self.world.consent(case, recipient, purpose, valid_until=until))

    @rule(which=either)
    def revoke(self, which: int) -> None:
        if known := self.consents[self.cases[which].case_id]:
            self.wait(self.world.revoke(self.cases[which], known.pop()))

    @rule(which=either)
    def end_counselling(self, which: int) -> None:
        self.wait(self.world.revoke(self.cases[which], new_id(), ends_counselling=True))

    @rule(which=either)
    def expire(self, which: int) -> None:
        self.wait(self.world.expire(self.cases[which]))

    @rule(which=either, days=st.integers(0, 6))
    def consent_to_counselling(self, which: int, days: int) -> None:
        until = self.world.today + timedelta(days=days)
        self.wait(self.world.consent(self.cases[which], "kim", Purpose.COUNSELLING, valid_until=until))

    @rule(which=either, area=st.sampled_from([Topic.HEALTH, Topic.WORK]), stale=rarely)
    def offer(self, which: int, area: Topic, *, stale: bool) -> None:
        self.attempt(which, lambda c, e, m, _: commands_referrals.offer(c, e, m, CARITAS, area), stale=stale)

    @rule(which=either, state=st.sampled_from(ReferralState))
    def move_referral(self, which: int, state: ReferralState) -> None:
        async def act(conn: Connection, edit: Edit, manager: Any, _: Case) -> None:
            for referral in (await store_referrals.referrals(conn, edit.case_id))[-1:]:
                await commands_referrals.move(conn, referral.referral_id, edit.version, manager, state)
                return
            await commands_referrals.offer(conn, edit, manager, CARITAS, Topic.WORK)

        self.attempt(which, act, stale=False)

    @rule(which=either)
    def confer(self, which: int) -> None:
        async def act(conn: Connection, edit: Edit, manager: Any, _: Case) -> None:
            for held in (await store_referrals.conferences(conn, edit.case_id))[-1:]:
                outcome = ConferenceOutcome.ESCALATED
                await commands_referrals.conclude(conn, held.conference_id, edit.version, manager, outcome)
                return
            await commands_referrals.convene(
                conn, edit, manager, ConferenceWish(self.world.today, (), (CARITAS,), (Topic.WORK,))
            )

        self.attempt(which, act, stale=False)

    @rule(which=either, ags=st.sampled_from([DINSLAKEN, MOERS]), consented=st.booleans(), stale=rarely)
    def hand_over(self, which: int, ags: str, *, consented: bool, stale: bool) -> None:
        if consented:
            until, case = self.world.today + timedelta(days=2), self.cases[which]
            given = self.world.consent(case, f"municipality-{ags}", Purpose.COUNSELLING, valid_until=until)
            self.consents[case.case_id] += self.wait(given)
        self.attempt(which, lambda c, e, m, _: commands_posts.ask(c, e, m, ags, None), stale=stale)

    @rule(days=st.integers(1, 4))
    def pass_time(self, days: int) -> None:
        self.world.pass_time(timedelta(days=days))

        async def due() -> None:
            async with self.world.database.transaction() as conn:
                await commands_plan.remind(conn)
                await commands_consents.revoke_expired(conn)
                await commands_consents.bring_home_expired(conn)
                await commands_consents.drop_expired_hand_overs(conn)

        self.wait(due())

    @invariant()
    def a_case_has_a_reason_exactly_while_it_is_closed(self) -> None:
        for case in map(self.stored, self.cases):
            assert (case.reason is not None) is case.is_closed
            assert (case.outcome is not None) is (case.is_closed and case.reason not in NEVER_CHOSEN)
            assert case.case_manager_id

    @invariant()
    def a_case_is_away_with_consent_alone_closed_or_not(self) -> None:
        async def lacking(case: Case) -> list[ConsentKind]:
            async with self.world.database.read() as conn:
                known = await store_consents.of(conn, case.enquiry_id)
            counting = [consent for consent in known if consent.counts(self.world.today)]
            return consents.for_municipality(case.ags, await self.readable(case)).lacking(counting)

        for case in map(self.stored, self.cases):
            if case.is_away:
                assert self.wait(lacking(case)) == []

    @invariant()
    def a_case_without_consent_to_counselling_is_closed_and_refers_nobody(self) -> None:
        async def referred(case: Case) -> set[ReferralState]:
            async with self.world.database.read() as conn:
                return {each.state for each in await store_referrals.referrals(conn, case.case_id)}

        for case in map(self.stored, self.cases):
            if not case.may_be_counselled:
                assert case.is_closed
                assert not self.wait(referred(case)) & {ReferralState.OFFERED, ReferralState.ACCEPTED}

    @invariant()
    def a_closed_case_offers_nothing(self) -> None:
        async def offered(case: Case) -> list[Any]:
            async with self.world.database.read() as conn:
                known = await store_referrals.referrals(conn, case.case_id)
            return [each for each in known if each.state is ReferralState.OFFERED]

        for case in map(self.stored, self.cases):
            if case.is_closed:
                assert self.wait(offered(case)) == []

    @invariant()
    def phases_follow_as_they_may(self) -> None:
        for case in self.cases:
            moves = [t for t in self.wait(self.world.told()) if isinstance(t, CasePhaseChanged)]
            path = [Phase.CLARIFICATION, *(t.phase for t in moves if t.case_id == case.case_id)]
            assert all(after in PHASES[before] for before, after in pairwise(path))
            assert path[-1] is self.stored(case).phase

    @invariant()
    def no_open_referral_outlives_its_consents(self) -> None:
        async def found() -> list[Any]:
            async with self.world.database.transaction() as conn:
                return await store_referrals.load_unconsented(conn, self.world.today, 10)

        assert self.wait(found()) == []

    @invariant()
    def what_is_told_of_referrals_is_their_state(self) -> None:
        told = {t.referral_id: t.state for t in self.wait(self.world.told()) if isinstance(t, ReferralChanged)}

        async def kept() -> dict[Any, ReferralState]:
            async with self.world.database.read() as conn:
                found = [await store_referrals.referrals(conn, case.case_id) for case in self.cases]
            return {each.referral_id: each.state for of_case in found for each in of_case}

        assert self.wait(kept()) == told

    async def readable(self, case: Case) -> set[Topic]:
        """Of which life areas something stands in the case, whatever became of it."""
        async with self.world.database.read() as conn:
            goals = (await store_plan.plan(conn, case.case_id)).goals
            ratings = [each.ratings for each in await store_plan.assessments(conn, case.case_id)]
            referrals = await store_referrals.referrals(conn, case.case_id)
            held = await store_referrals.conferences(conn, case.case_id)
        single = [*(goal.area for goal in goals), *(referral.area for referral in referrals)]
        return {
            *case.topics,
            *single,
            *(area for each in ratings for area in each),
            *(a for c in held for a in c.areas),
        }

    def stored(self, case: Case) -> Case:
        return self.wait(self.world.stored(case))


def test_cases_hold_together_whatever_is_tried(new_database: NewDatabase, monkeypatch: pytest.MonkeyPatch) -> None:
    effort = settings(max_examples=12, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck))
    with asyncio.Runner() as runner:

        async def connect() -> Database:
            return await Database.connect(await new_database(SCHEMA))

        database = runner.run(connect())
        world = World(database)
        monkeypatch.setattr(commands, "present", lambda: world.now)

        class Machine(Cases):
            def __init__(self) -> None:
                super().__init__(runner, world)

        run_state_machine_as_test(Machine, settings=effort)
        runner.run(database.close())
