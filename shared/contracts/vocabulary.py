"""Coded values that the services share. Codes are stable; what people read is translated at the edge."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AfterValidator, StringConstraints

_TAGS = """
    am ar bg bn bs ckb de el en es fa fr ha hi hr hu it kmr mk om pa pl prs ps pt rmn ro ru so sq sr sw ta ti tr
    uk ur vi zh
"""
LANGUAGES = frozenset(_TAGS.split())
"""BCP 47 tags we know. `kmr` and `ckb`, never `ku`; `prs` and `fa` apart (design: Rules of the field)."""
_DIALECT_TAGS = """
    ar-DZ ar-EG ar-IQ ar-LB ar-LY ar-MA ar-SD ar-SY ar-TN ckb-IQ ckb-IR kmr-IQ kmr-SY kmr-TR ps-AF ps-PK sq-AL sq-XK
    ti-ER ti-ET
"""
DIALECTS = tuple(_DIALECT_TAGS.split())
"""BCP 47 tags of a language by region (ISO 3166), which a participant can choose. Assumed."""


def _known_language(tag: str) -> str:
    if tag not in LANGUAGES:
        raise ValueError("is not one of the language tags in use (BCP 47, for example ti, kmr, prs)")
    return tag


Language = Annotated[str, AfterValidator(_known_language)]
"""What an API takes: one of `LANGUAGES`."""
LanguageTag = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")]
"""What a contract carries: any BCP 47 tag, so that a language which joins `LANGUAGES` is no poison to old readers."""

Ags = Annotated[str, StringConstraints(pattern=r"^[0-9]{8}$")]
"""Official municipality key (Amtlicher Gemeindeschlüssel), eight digits: that of any municipality."""
Postcode = Annotated[str, StringConstraints(pattern=r"^[0-9]{5}$")]
KeyedHash = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
"""HMAC-SHA256 in hex, as only the holder of its key can make."""

EARLIEST_BIRTH, LATEST_BIRTH = 1900, 2100
"""Years in which somebody may be born who asks us."""


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


class TalkPurpose(StrEnum):
    """What a talk is for, where the rules about interpreters depend on it."""

    COUNSELLING = "counselling"
    LEGAL_ACT = "legal_act"
    """Something is declared or signed that has legal consequences."""
    MEDICAL = "medical"


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


class GivenHow(StrEnum):
    """Evidence of a consent, Art. 7(1) GDPR."""

    WITH_ENQUIRY = "with_enquiry"
    """Electronically, in the form or the chat of the enquiry."""
    ONLINE = "online"
    IN_WRITING = "in_writing"
    ORALLY = "orally"
    """In person."""
    BY_PHONE = "by_phone"
    ORALLY_WITH_INTERPRETER = "orally_with_interpreter"


ToldStaff = Literal[GivenHow.IN_WRITING, GivenHow.ORALLY, GivenHow.ORALLY_WITH_INTERPRETER, GivenHow.BY_PHONE]
"""How a consent is given to a member of staff."""


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
    # The services of `ReferralService`, by the same values.
    MIGRATION_COUNSELLING_ADULTS = "mbe"
    YOUTH_MIGRATION_SERVICE = "jmd"
    JOB_CENTRE = "jobcenter"
    EMPLOYMENT_AGENCY = "employment-agency"
    YOUTH_WELFARE_OFFICE = "youth-welfare-office"
    WELFARE_ASSOCIATION = "welfare-association"
    HOUSING_OFFICE = "housing-office"
    HEALTH_OFFICE = "health-office"
    AWO = "awo"
    CARITAS = "caritas"
    PARITAET = "paritaet"
    DRK = "drk"
    DIAKONIE = "diakonie"
    ZWST = "zwst"
    # Case management of another municipality, by its AGS: a case is handed over with consent alone.
    ALPEN = "municipality-05170004"
    DINSLAKEN = "municipality-05170008"
    HAMMINKELN = "municipality-05170012"
    HUENXE = "municipality-05170016"
    KAMP_LINTFORT = "municipality-05170020"
    MOERS = "municipality-05170024"
    NEUKIRCHEN_VLUYN = "municipality-05170028"
    RHEINBERG = "municipality-05170032"
    SCHERMBECK = "municipality-05170036"
    SONSBECK = "municipality-05170040"
    VOERDE = "municipality-05170044"
    WESEL = "municipality-05170048"
    XANTEN = "municipality-05170052"


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
    # The six umbrella associations of independent welfare in Germany (BAGFW), each a partner of its own.
    AWO = "awo"
    CARITAS = "caritas"
    PARITAET = "paritaet"
    DRK = "drk"
    DIAKONIE = "diakonie"
    ZWST = "zwst"


class ReferralState(StrEnum):
    """offered -> accepted | rejected | revoked; accepted -> done | revoked."""

    OFFERED = "offered"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    """By the service."""
    DONE = "done"
    REVOKED = "revoked"
    """By us, or because the consent that it stood on is gone."""


class StepOwner(StrEnum):
    """Whose task a step of the plan is."""

    CASE_MANAGER = "case_manager"
    PARTICIPANT = "participant"
    PARTNER = "partner"


class Reminder(StrEnum):
    DUE_SOON = "due_soon"
    OVERDUE = "overdue"


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
    CONSENT_EXPIRED = "consent_expired"
    """Told by person, never chosen: the consent to be counselled was over before anybody decided."""


ChosenWithdrawal = Literal[WithdrawalReason.BY_PARTICIPANT, WithdrawalReason.NOT_REACHED, WithdrawalReason.DUPLICATE]
"""What a clerk may say."""


class ReleaseReason(StrEnum):
    """Why a booking came to nothing."""

    HOLD_EXPIRED = "hold_expired"
    PROPOSAL_EXPIRED = "proposal_expired"
    NO_INTERPRETER = "no_interpreter"
    NO_SLOT = "no_slot"
    CANCELLED = "cancelled"
    RESCHEDULED = "rescheduled"
    """Another booking has taken its place."""
    CASE_MANAGER_CHANGED = "case_manager_changed"
    """Whoever has the case now cannot come then, or nobody has it: another time is looked for without being asked."""

    SERIES_INCOMPLETE = "series_incomplete"
    """Another talk of the series could not be had, and it was asked for as a whole."""


class CancelledBy(StrEnum):
    """Who did not want a talk any more."""

    PARTICIPANT = "participant"
    CASE_MANAGER = "case_manager"
    CLOSING = "closing"
    """Nobody by name: the case was closed, the enquiry withdrawn, or the consent to counselling revoked."""


class Gender(StrEnum):
    """Of an interpreter, as they say it themselves; of whom a participant wishes to be interpreted by."""

    FEMALE = "female"
    MALE = "male"
    DIVERSE = "diverse"
    UNDISCLOSED = "undisclosed"


WISHED_GENDERS = (Gender.FEMALE, Gender.MALE, Gender.DIVERSE)
"""What a participant can wish for."""


class FeedbackBy(StrEnum):
    """Who says how an interpreted talk went."""

    CASE_MANAGER = "case_manager"
    PARTICIPANT = "participant"
    INTERPRETER = "interpreter"


class FeedbackRemark(StrEnum):
    """What is said of an interpreted talk: never in free text."""

    OTHER_DIALECT = "other_dialect"
    ADDED_OR_LEFT_OUT = "added_or_left_out"
    TOOK_SIDES = "took_sides"
    CAME_LATE = "came_late"
    TECHNICAL_TROUBLE = "technical_trouble"
    MORE_TIME_NEEDED = "more_time_needed"
    TERMS_TO_PREPARE = "terms_to_prepare"
    AGAIN_PLEASE = "again_please"


class NextOption(StrEnum):
    """What could still be tried for a talk for which nobody was found."""

    PHONE_OR_VIDEO = "phone_or_video"
    """Somebody who does not serve the municipality could interpret from afar."""
    NEIGHBOUR_COUNTY = "neighbour_county"
    """Nobody here speaks it: the neighbouring counties' pools are to be asked."""
    OTHER_TIME = "other_time"
    """Somebody could come at another time."""
    OTHER_GENDER = "other_gender"
    """Somebody could come who is not of the gender that was made a condition."""
