"""Interpreter's API: profiles and weeks, own offers and assignments, and why somebody was ranked as they were."""

from dataclasses import asdict
from datetime import date, datetime, time
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Self
from uuid import UUID

from fastapi import Path, Query, Response
from pydantic import AfterValidator, BaseModel, Field

from services.interpreter import commands, offers, store
from services.interpreter.domain import Credentials, Interpreter, SpokenLanguage
from services.interpreter.fees import Item, Quote, QuoteKind
from services.interpreter.offers import Assignment, Offer, OfferState
from services.interpreter.ranking import Scored
from services.interpreter.statement_pdf import as_pdf
from services.interpreter.statements import as_csv
from shared.auth import Principal, Role, allow
from shared.bodies import Body
from shared.clock import now
from shared.contracts.interpreter import AvailabilityWindow
from shared.contracts.vocabulary import Gender, Language, LanguageTag, Mode
from shared.database import Connection
from shared.errors import NotFound
from shared.idempotency import Router, reading, transaction
from shared.municipalities import KnownAgs

router = Router(tags=["interpreter"])


def _wall_time(value: time) -> time:
    if value.tzinfo is not None:
        raise ValueError("is a time in Kreis Wesel and has no offset")
    return value


class InterpreterBody(Body):
    gender: Gender
    languages: Annotated[list[SpokenLanguage], Field(min_length=1, max_length=20)]
    municipalities: Annotated[list[KnownAgs], Field(min_length=1, max_length=13)]
    base_postcode: Annotated[str, Field(pattern=r"^[0-9]{5}$")]
    credentials: Credentials = Credentials()
    active: bool = True
    dialects: Annotated[tuple[LanguageTag, ...], Field(max_length=20)] = ()


class InterpreterView(BaseModel):
    id: UUID
    gender: Gender
    languages: list[SpokenLanguage]
    municipalities: list[str]
    base_postcode: str
    credentials: Credentials
    active: bool
    dialects: list[LanguageTag]

    @classmethod
    def of(cls, interpreter: Interpreter) -> Self:
        return cls.model_validate(interpreter.model_dump(exclude={"conflicts"}))


class ConflictsBody(Body):
    """Tokens as person computes them (`POST /conflict-tokens`), never what they are made of."""

    tokens: Annotated[list[Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]], Field(max_length=200)]


class ConflictsView(BaseModel):
    interpreter_id: UUID
    number: int


class WindowBody(Body):
    """From `starts` until before `ends`, every week, by the clocks of Berlin. Weekday 0 is Monday."""

    weekday: Annotated[int, Field(ge=0, le=6)]
    starts: Annotated[time, AfterValidator(_wall_time)]
    ends: Annotated[time, AfterValidator(_wall_time)]


class AvailabilityBody(Body):
    windows: Annotated[list[WindowBody], Field(max_length=50)]


class AvailabilityView(BaseModel):
    interpreter_id: UUID
    windows: list[AvailabilityWindow]


class OfferView(BaseModel):
    """What an interpreter needs in order to decide; nothing leads to the person."""

    offer_id: UUID
    state: OfferState
    language: Language
    mode: Mode
    ags: str
    starts_at: datetime
    ends_at: datetime
    expires_at: datetime

    @classmethod
    def of(cls, offer: Offer) -> Self:
        return cls.model_validate({**_fields(offer), "offer_id": offer.id})


class LineView(BaseModel):
    item: Item
    quantity: Decimal
    unit: str
    unit_price: Decimal
    amount: Decimal
    rule: str


class QuoteView(BaseModel):
    """EUR, as decimal strings."""

    kind: QuoteKind
    rule: str
    lines: list[LineView]
    total: Decimal


class AssignmentView(BaseModel):
    assignment_id: UUID
    language: Language
    mode: Mode
    ags: str
    starts_at: datetime
    ends_at: datetime
    confirmed_at: datetime
    cancelled_at: datetime | None
    fee: QuoteView

    @classmethod
    def of(cls, assignment: Assignment, quote: Quote) -> Self:
        fee = {**quote.model_dump(), "total": quote.total}
        return cls.model_validate({**_fields(assignment), "assignment_id": assignment.id, "fee": fee})


class Form(StrEnum):
    CSV = "csv"
    PDF = "pdf"


class RankedView(BaseModel):
    """A candidate, best first within a slot; the points of the reasons add up to the score."""

    slot_id: UUID
    place: int
    interpreter_id: UUID
    language: Language
    rule: str
    reasons: list[Scored]


Administrator = Annotated[Principal, allow(Role.ADMINISTRATOR)]
Staff = Annotated[Principal, allow(Role.ADMINISTRATOR, Role.CLERK)]
OwnerOrAdministrator = Annotated[Principal, allow(Role.ADMINISTRATOR, Role.INTERPRETER)]
Interpreting = Annotated[Principal, allow(Role.INTERPRETER)]
Writing = Annotated[Connection, transaction()]
Reading = Annotated[Connection, reading()]


@router.put("/interpreters/{interpreter_id}")
async def put_interpreter(
    interpreter_id: UUID, body: InterpreterBody, _who: Administrator, tx: Writing
) -> InterpreterView:
    """Make an interpreter known, or change the whole profile."""
    given = Interpreter(
        id=interpreter_id,
        gender=body.gender,
        languages=tuple(body.languages),
        municipalities=tuple(sorted(set(body.municipalities))),
        base_postcode=body.base_postcode,
        credentials=body.credentials,
        active=body.active,
        dialects=tuple(sorted(set(body.dialects))),
    )
    return InterpreterView.of(await commands.put_interpreter(tx, given))


@router.put("/interpreters/{interpreter_id}/availability")
async def put_availability(
    interpreter_id: UUID, body: AvailabilityBody, who: OwnerOrAdministrator, tx: Writing
) -> AvailabilityView:
    """Replace the whole week; an interpreter's own only."""
    if Role.ADMINISTRATOR not in who.roles and who.subject != str(interpreter_id):
        raise NotFound
    given = tuple(AvailabilityWindow(**window.model_dump()) for window in body.windows)
    windows = await commands.put_availability(tx, interpreter_id, given)
    return AvailabilityView(interpreter_id=interpreter_id, windows=list(windows))


@router.put("/interpreters/{interpreter_id}/conflicts")
async def put_conflicts(interpreter_id: UUID, body: ConflictsBody, _who: Administrator, tx: Writing) -> ConflictsView:
    """Replace the conflicts of interest; they are never shown again."""
    number = await commands.put_conflicts(tx, interpreter_id, frozenset(body.tokens))
    return ConflictsView(interpreter_id=interpreter_id, number=number)


@router.get("/interpreters")
async def list_interpreters(who: Staff, tx: Reading) -> list[InterpreterView]:
    """Coded profiles, by id. A clerk sees those who serve the clerk's municipalities."""
    limit = None if Role.ADMINISTRATOR in who.roles else who.municipalities
    return [InterpreterView.of(found) for found in await store.interpreters(tx, limit)]


@router.get("/rankings/{booking_id}")
async def show_ranking(booking_id: UUID, who: Staff, tx: Reading) -> list[RankedView]:
    """Who could interpret which slot of the booking, and why in this order."""
    ags, candidates = await store.ranking(tx, booking_id)
    if Role.ADMINISTRATOR not in who.roles and ags not in who.municipalities:
        raise NotFound
    return [RankedView(**candidate) for candidate in candidates]


@router.get("/offers")
async def list_offers(who: Interpreting, tx: Reading) -> list[OfferView]:
    """The caller's open offers, the most urgent first."""
    return [OfferView.of(offer) for offer in await store.open_offers(tx, _own_id(who), now())]


@router.post("/offers/{offer_id}/accept")
async def accept_offer(offer_id: UUID, who: Interpreting, tx: Writing) -> OfferView:
    """Accept an own offer while it is open; again is the same."""
    return OfferView.of(await commands.answer_offer(tx, offers.accept, offer_id, _own_id(who)))


@router.post("/offers/{offer_id}/decline")
async def decline_offer(offer_id: UUID, who: Interpreting, tx: Writing) -> OfferView:
    """Decline an own offer while it is open; again is the same."""
    return OfferView.of(await commands.answer_offer(tx, offers.decline, offer_id, _own_id(who)))


@router.post("/offers/{offer_id}/withdraw")
async def withdraw_offer(offer_id: UUID, who: Interpreting, tx: Writing) -> OfferView:
    """Give back an own offer that was accepted: the search for somebody else begins again. Again is the same."""
    return OfferView.of(await commands.give_back(tx, offer_id, _own_id(who)))


@router.get("/interpreters/{interpreter_id}/statements/{month}", response_class=Response)
async def show_statement(
    interpreter_id: UUID,
    month: Annotated[str, Path(pattern="^20[0-9]{2}-(0[1-9]|1[0-2])$")],
    who: OwnerOrAdministrator,
    tx: Reading,
    form: Annotated[Form, Query(alias="format")] = Form.CSV,
) -> Response:
    """What is owed for a month, line by line with the version of its rule; an interpreter's own only."""
    if Role.ADMINISTRATOR not in who.roles and who.subject != str(interpreter_id):
        raise NotFound
    made = await commands.monthly_statement(tx, interpreter_id, date.fromisoformat(f"{month}-01"))
    if form is Form.PDF:
        return Response(as_pdf(made), media_type="application/pdf")
    return Response(as_csv(made), media_type="text/csv; charset=utf-8")


@router.get("/assignments")
async def list_assignments(who: Interpreting, tx: Reading) -> list[AssignmentView]:
    """The caller's assignments by time, with what each pays, item by item."""
    return [AssignmentView.of(*found) for found in await store.assignments(tx, _own_id(who))]


def _own_id(who: Principal) -> UUID:
    """An interpreter's token names the interpreter. Raises NotFound where it names nobody that could be one."""
    try:
        return UUID(who.subject)
    except ValueError:
        raise NotFound from None


def _fields(engagement: Offer | Assignment) -> dict[str, Any]:
    return {name: value for name, value in asdict(engagement).items() if name != "id"}
