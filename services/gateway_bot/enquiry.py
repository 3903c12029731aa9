"""The enquiry that a finished dialogue makes."""

from datetime import date, timedelta
from typing import Any

from services.gateway_bot.clients import Sealed
from services.gateway_bot.draft import TERMS, Consent, Draft
from shared.contracts.vocabulary import Channel, Criterion, Topic
from shared.sealing import ContactKind, SealedContact

CONSENT_LASTS = timedelta(days=365)
"""As the texts say: a year."""


def contact_of(draft: Draft, chat_id: int) -> SealedContact:
    """What only person may read: by this chat they can be reached."""
    return SealedContact(
        name=draft.name,
        contact_kind=ContactKind.TELEGRAM,
        contact=str(chat_id),
        message="",
        preferred_language=draft.language,
        birth_year=draft.birth_year,
    )


def enquiry_of(draft: Draft, sealed: Sealed, today: date) -> dict[str, Any]:
    """The body of intake's POST /enquiries. `today` is Berlin's."""
    valid_until = (today + CONSENT_LASTS).isoformat()
    given = [TERMS[each] for each in Consent if each in draft.consents]
    told = {"valid_until": valid_until, "language_explained_in": draft.ui}
    return {
        "channel": Channel.BOT,
        "postcode": draft.postcode,
        "topics": [topic for topic in Topic if topic in draft.topics],
        "languages": [draft.language],
        "mode": draft.mode,
        "dialect": draft.dialect,
        "gender": draft.gender,
        "gender_binding": draft.gender_binding,
        "criteria": [each for each in Criterion if each in draft.criteria],
        "consents": [{"kind": terms.kind, "purpose": terms.purpose, **told} for terms in given],
        "sealed": sealed.block,
        "key_id": sealed.key_id,
    }
