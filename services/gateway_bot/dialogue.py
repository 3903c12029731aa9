"""The conversation that makes an enquiry, as a pure function: (draft, what was given) -> (draft, what to say).

Buttons carry their step, so one that belongs to an earlier question changes nothing: the present one is asked again.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from unicodedata import category, normalize

from services.gateway_bot.draft import ORDER, Ask, Consent, Draft, Step
from services.gateway_bot.questions import DONE, NO, SEND, SKIP, YES, question
from services.gateway_bot.says import Given, Pressed, Say, Typed
from services.gateway_bot.texts import ENDONYMS, TEXTS
from shared.contracts.vocabulary import EARLIEST_BIRTH, LATEST_BIRTH, WISHED_GENDERS, Criterion, Gender, Mode, Topic
from shared.municipalities import by_postcode

_NAME_LIMIT = 100


class Unclear(Exception):
    """The answer does not fit the question; `hint` names the text that says why."""

    def __init__(self, hint: str = "unclear") -> None:
        super().__init__(hint)
        self.hint = hint


Turn = tuple[Draft, list[Say]]


def begin() -> Turn:
    draft = Draft()
    return draft, [question(draft)]


def answer(draft: Draft, given: Given) -> Turn:
    """The next draft and what to say. Where the answer does not fit, the draft stays and is asked for again."""
    try:
        after = _take(draft, given)
    except Unclear as unclear:
        return draft, [Say(draft.texts.hints[unclear.hint]), question(draft)]
    if after.step is draft.step:
        return after, [replace(question(after), in_place=True)]
    if after.step is Ask.SENDING:
        return after, []
    said = [Say(after.texts.about)] if draft.step is Ask.LANGUAGE else []
    return after, [*said, question(after)]


def _take(draft: Draft, given: Given) -> Draft:
    if isinstance(given, Pressed) and given.step != draft.step:
        raise Unclear("outdated")
    if isinstance(draft.step, Criterion):
        chosen = draft.criteria | {draft.step} if _yes(given) else draft.criteria - {draft.step}
        return _next(replace(draft, criteria=chosen))
    if isinstance(draft.step, Consent):
        return _next(_consent(draft, draft.step, agreed=_yes(given)))
    return _TAKE[draft.step](draft, given)


def _next(draft: Draft) -> Draft:
    """The next step that has something to ask this person."""
    left = ORDER[ORDER.index(draft.step) + 1 :]
    return replace(draft, step=next(step for step in left if _is_asked(draft, step)))


def _is_asked(draft: Draft, step: Step) -> bool:
    if step is Ask.DIALECT:
        return bool(draft.dialects)
    return step is not Ask.GENDER_BINDING or draft.gender is not None


def _pressed(given: Given) -> str:
    if not isinstance(given, Pressed):
        raise Unclear
    return given.value


def _typed(given: Given) -> str:
    """One line without control characters. Raises Unclear."""
    if not isinstance(given, Typed):
        raise Unclear
    text = normalize("NFC", given.text).strip()
    if not text or any(category(character) in {"Cc", "Zl", "Zp"} for character in text):
        raise Unclear
    return text


def _yes(given: Given) -> bool:
    value = _pressed(given)
    if value not in {YES, NO}:
        raise Unclear
    return value == YES


def _language(draft: Draft, given: Given) -> Draft:
    if (ui := _pressed(given)) not in TEXTS:
        raise Unclear
    return _next(replace(draft, ui=ui))


def _talk(draft: Draft, given: Given) -> Draft:
    if (language := _pressed(given)) not in ENDONYMS:
        raise Unclear
    return _next(replace(draft, language=language))


def _dialect(draft: Draft, given: Given) -> Draft:
    if (value := _pressed(given)) not in {*draft.dialects, SKIP}:
        raise Unclear
    return _next(replace(draft, dialect=None if value == SKIP else value))


def _digits(given: Given) -> str:
    """Of any script: what is typed on an Arabic keyboard is a number too. Raises Unclear."""
    return "".join(str(int(each)) for each in _typed(given) if each.isdecimal())


def _postcode(draft: Draft, given: Given) -> Draft:
    digits = _digits(given)
    try:
        by_postcode(digits)
    except KeyError:
        raise Unclear("postcode") from None
    return _next(replace(draft, postcode=digits))


def _topics(draft: Draft, given: Given) -> Draft:
    """Each press turns a topic on or off, until it is done."""
    value = _pressed(given)
    if value == DONE:
        if not draft.topics:
            raise Unclear("topics")
        return _next(draft)
    if value not in set(Topic):
        raise Unclear
    return replace(draft, topics=draft.topics ^ {Topic(value)})


def _mode(draft: Draft, given: Given) -> Draft:
    if (value := _pressed(given)) not in set(Mode):
        raise Unclear
    return _next(replace(draft, mode=Mode(value)))


def _gender(draft: Draft, given: Given) -> Draft:
    if (value := _pressed(given)) not in {*WISHED_GENDERS, SKIP}:
        raise Unclear
    return _next(replace(draft, gender=None if value == SKIP else Gender(value)))


def _consent(draft: Draft, consent: Consent, *, agreed: bool) -> Draft:
    """Who does not agree to counselling does not state the criterion of consents either."""
    if agreed:
        return replace(draft, consents=draft.consents | {consent})
    if consent is Consent.COUNSELLING:
        raise Unclear("consent")
    return replace(draft, consents=draft.consents - {consent})


def _name(draft: Draft, given: Given) -> Draft:
    if len(name := _typed(given)) > _NAME_LIMIT:
        raise Unclear("name")
    return _next(replace(draft, name=name))


def _birth_year(draft: Draft, given: Given) -> Draft:
    if isinstance(given, Pressed):
        if given.value != SKIP:
            raise Unclear
        return _next(replace(draft, birth_year=None))
    digits = _digits(given)
    if len(digits) != 4 or not EARLIEST_BIRTH <= int(digits) <= LATEST_BIRTH:
        raise Unclear("birth_year")
    return _next(replace(draft, birth_year=int(digits)))


def _summary(draft: Draft, given: Given) -> Draft:
    if _pressed(given) != SEND:
        raise Unclear
    return _next(draft)


_TAKE: Mapping[Step, Callable[[Draft, Given], Draft]] = MappingProxyType(
    {
        Ask.LANGUAGE: _language,
        Ask.TALK: _talk,
        Ask.DIALECT: _dialect,
        Ask.POSTCODE: _postcode,
        Ask.TOPICS: _topics,
        Ask.MODE: _mode,
        Ask.GENDER: _gender,
        Ask.GENDER_BINDING: lambda draft, given: _next(replace(draft, gender_binding=_yes(given))),
        Ask.NAME: _name,
        Ask.BIRTH_YEAR: _birth_year,
        Ask.SUMMARY: _summary,
    }
)
