"""A consent given to a case manager, as it is typed in."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Self, get_args

from starlette.datastructures import FormData

from services.gateway_web.enquiry_form import CONSENT_LASTS
from shared.consent_rules import EXPLICIT
from shared.contracts.vocabulary import ConsentKind, GivenHow, Purpose, Recipient, ToldStaff, Topic

RECIPIENTS = [each for each in Recipient if each not in EXPLICIT] + sorted(EXPLICIT)
"""The foreigners' authority last: it is a recipient like no other."""
GIVEN_HOW: tuple[GivenHow, ...] = get_args(ToldStaff)
_ONE = ("kind", "recipient", "purpose", "language_explained_in", "given_how", "valid_until", "recipient_confirmed")


@dataclass(frozen=True)
class Typed:
    """What person makes of it, it says itself: nothing is decided here."""

    kind: str = ""
    recipient: str = ""
    purpose: str = ""
    topics: tuple[str, ...] = ()
    language_explained_in: str = ""
    given_how: str = ""
    valid_until: str = ""
    recipient_confirmed: str = ""

    @classmethod
    def empty(cls, case: Mapping[str, Any], today: date) -> Self:
        """As the case has it, as far as it is shown, and a year long; never with a recipient."""
        return cls(
            topics=tuple(case["topics"] or ()),
            language_explained_in=(case["languages"] or [""])[0],
            valid_until=(today + CONSENT_LASTS).isoformat(),
        )

    @classmethod
    def of(cls, form: FormData) -> Self:
        topics = tuple(dict.fromkeys(str(each) for each in form.getlist("topics")))
        return cls(topics=topics, **{name: str(form.get(name, "")).strip() for name in _ONE})

    def body(self) -> dict[str, Any]:
        typed = {name: getattr(self, name) for name in _ONE}
        return typed | {"topics": list(self.topics), "recipient_confirmed": self.recipient_confirmed == "yes"}


OPTIONS: Mapping[str, Any] = {
    "kinds": list(ConsentKind),
    "recipients": RECIPIENTS,
    "purposes": list(Purpose),
    "all_topics": list(Topic),
    "ways": GIVEN_HOW,
}
