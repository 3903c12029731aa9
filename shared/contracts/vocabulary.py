"""Coded values that the services share. Codes are stable; what people read is translated at the edge."""

from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, StringConstraints

_TAGS = """
    am ar bg bn bs ckb de el en es fa fr ha hi hr hu it kmr mk om pa pl prs ps pt rmn ro ru so sq sr sw ta ti tr
    uk ur vi zh
"""
LANGUAGES = frozenset(_TAGS.split())
"""BCP 47 tags we know. `kmr` and `ckb`, never `ku`; `prs` and `fa` apart (design: Rules of the field)."""


def _known_language(tag: str) -> str:
    if tag not in LANGUAGES:
        raise ValueError("is not one of the language tags in use (BCP 47, for example ti, kmr, prs)")
    return tag


Language = Annotated[str, AfterValidator(_known_language)]
"""What an API takes: one of `LANGUAGES`."""
LanguageTag = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")]
"""What a contract carries: any BCP 47 tag, so that a language which joins `LANGUAGES` is no poison to old readers."""


class Topic(StrEnum):
    """What counselling is about."""

    HOUSING = "housing"
    RESIDENCE = "residence"
    WORK = "work"
    LANGUAGE = "language"
    EDUCATION = "education"
    HEALTH = "health"
    FAMILY = "family"
    MONEY = "money"


class Mode(StrEnum):
    """How a talk takes place."""

    IN_PERSON = "in_person"
    PHONE = "phone"
    VIDEO = "video"
    HOME_VISIT = "home_visit"


class Channel(StrEnum):
    """Through which door an enquiry came."""

    WEB = "web"
    BOT = "bot"
    CLERK = "clerk"


class Criterion(StrEnum):
    """The five entry criteria of case management in KIM."""

    COMPLEX_NEED = "complex_need"
    MANY_ACTORS = "many_actors"
    STANDARD_WAYS_FAIL = "standard_ways_fail"
    LACKS_OWN_RESOURCES = "lacks_own_resources"
    CONSENTS = "consents"


class ConsentKind(StrEnum):
    """Three different things in law, never one tick box."""

    PROCESSING = "processing"
    """Art. 6(1)(a) GDPR."""
    SPECIAL_CATEGORIES = "special_categories"
    """Art. 9(2)(a) GDPR."""
    CONFIDENTIALITY_RELEASE = "confidentiality_release"
    """Release from professional secrecy, § 203 StGB."""


class Purpose(StrEnum):
    COUNSELLING = "counselling"
    COORDINATION = "coordination"
    REFERRAL = "referral"


class Recipient(StrEnum):
    """Who can be named in a consent. The foreigners' authority is in no default."""

    KIM = "kim"
    OFFICE_DINSLAKEN = "office-dinslaken"
    OFFICE_WESEL = "office-wesel"
    OFFICE_MOERS = "office-moers"
    OFFICE_KREIS_WESEL = "office-kreis-wesel"
    FOREIGNERS_AUTHORITY = "foreigners-authority"


class Phase(StrEnum):
    """Where a case stands."""

    CLARIFICATION = "clarification"
    ASSESSMENT = "assessment"
    PLANNING = "planning"
    LINKING = "linking"
    CLOSED = "closed"


class ReferralService(StrEnum):
    """Named services to which an enquiry can be handed over warmly."""

    MIGRATION_COUNSELLING_ADULTS = "mbe"
    YOUTH_MIGRATION_SERVICE = "jmd"
    JOB_CENTRE = "jobcenter"
    EMPLOYMENT_AGENCY = "employment-agency"
    YOUTH_WELFARE_OFFICE = "youth-welfare-office"
    WELFARE_ASSOCIATION = "welfare-association"
    HOUSING_OFFICE = "housing-office"
    HEALTH_OFFICE = "health-office"


class FindingKind(StrEnum):
    """How the system failed people: the structure, never the person."""

    WAITING_TIME = "waiting_time"
    MISSING_OFFER = "missing_offer"
    MISSING_LANGUAGE = "missing_language"
    UNCLEAR_RESPONSIBILITY = "unclear_responsibility"
    INACCESSIBLE_FORM = "inaccessible_form"
    UNLAWFUL_REFUSAL = "unlawful_refusal"


class WithdrawalReason(StrEnum):
    BY_PARTICIPANT = "by_participant"
    NOT_REACHED = "not_reached"
    DUPLICATE = "duplicate"


class ReleaseReason(StrEnum):
    """Why a booking came to nothing."""

    HOLD_EXPIRED = "hold_expired"
    PROPOSAL_EXPIRED = "proposal_expired"
    NO_INTERPRETER = "no_interpreter"
    NO_SLOT = "no_slot"
    CANCELLED = "cancelled"
