"""The questions: what each step says, and its buttons, whose data is `<step>:<value>`."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from babel import Locale

from services.gateway_bot.draft import Ask, Consent, Draft, Step
from services.gateway_bot.says import Button, Say, in_rows
from services.gateway_bot.texts import ENDONYMS, TEXTS, Texts
from shared.contracts.vocabulary import WISHED_GENDERS, Criterion, Mode, Topic

YES, NO, DONE, SKIP, SEND = "yes", "no", "done", "skip", "send"


def question(draft: Draft) -> Say:
    """The present step's question, with its buttons."""
    step, texts = draft.step, draft.texts
    if isinstance(step, Criterion):
        return _yes_or_no(step, texts.criteria[step], texts)
    if isinstance(step, Consent):
        return _yes_or_no(step, texts.consents[step], texts)
    return _ASK[step](draft)


def _yes_or_no(step: Step, text: str, texts: Texts) -> Say:
    return Say(text, ((Button(texts.yes, f"{step}:{YES}"), Button(texts.no, f"{step}:{NO}")),))


def _ask_language(_draft: Draft) -> Say:
    greetings = "\n".join(texts.greeting for texts in TEXTS.values())
    return Say(greetings, in_rows([Button(ENDONYMS[ui], f"{Ask.LANGUAGE}:{ui}") for ui in TEXTS], 2))


def _ask_talk(draft: Draft) -> Say:
    own_first = sorted(ENDONYMS, key=lambda tag: tag != draft.ui)
    return Say(draft.texts.talk, in_rows([Button(ENDONYMS[tag], f"{Ask.TALK}:{tag}") for tag in own_first], 3))


def _ask_dialect(draft: Draft) -> Say:
    buttons = [Button(region(tag, draft.ui), f"{Ask.DIALECT}:{tag}") for tag in draft.dialects]
    return Say(
        draft.texts.dialect_question, (*in_rows(buttons, 3), (Button(draft.texts.skip, f"{Ask.DIALECT}:{SKIP}"),))
    )


def region(dialect: str, ui: str) -> str:
    """Of a dialect's tag, as CLDR has it in the language `ui`."""
    return str(Locale.parse(ui).territories[dialect.partition("-")[2]])


def _ask_topics(draft: Draft) -> Say:
    labels = draft.texts.topics
    buttons = [
        Button(f"✅ {labels[topic]}" if topic in draft.topics else labels[topic], f"{Ask.TOPICS}:{topic}")
        for topic in Topic
    ]
    done = Button(draft.texts.done, f"{Ask.TOPICS}:{DONE}")
    return Say(draft.texts.topics_question, (*in_rows(buttons, 2), (done,)))


def _ask_mode(draft: Draft) -> Say:
    labels = draft.texts.modes
    return Say(draft.texts.mode_question, in_rows([Button(labels[mode], f"{Ask.MODE}:{mode}") for mode in Mode], 2))


def _ask_gender(draft: Draft) -> Say:
    labels = draft.texts.genders
    buttons = [Button(labels[gender], f"{Ask.GENDER}:{gender}") for gender in WISHED_GENDERS]
    return Say(draft.texts.gender_question, in_rows([*buttons, Button(draft.texts.anybody, f"{Ask.GENDER}:{SKIP}")], 2))


def _ask_birth_year(draft: Draft) -> Say:
    return Say(draft.texts.birth_year_question, ((Button(draft.texts.skip, f"{Ask.BIRTH_YEAR}:{SKIP}"),),))


def _ask_summary(draft: Draft) -> Say:
    texts = draft.texts
    text = texts.summary.format(
        name=draft.name,
        birth_year=draft.birth_year or "-",
        postcode=draft.postcode,
        language=ENDONYMS[draft.language],
        dialect=region(draft.dialect, draft.ui) if draft.dialect else "-",
        gender=_wished(draft),
        topics=", ".join(texts.topics[topic] for topic in Topic if topic in draft.topics),
        mode=texts.modes[draft.mode],
        criteria="\n".join(_ticked(texts.criteria[each], yes=each in draft.criteria) for each in Criterion),
        consents="\n".join(_ticked(texts.consents[each], yes=each in draft.consents) for each in Consent),
    )
    return Say(text, ((Button(texts.send, f"{Ask.SUMMARY}:{SEND}"),),))


def _wished(draft: Draft) -> str:
    texts = draft.texts
    if draft.gender is None:
        return texts.anybody
    gender = texts.genders[draft.gender]
    return texts.nobody_else.format(gender=gender) if draft.gender_binding else gender


def _ticked(question: str, *, yes: bool) -> str:
    return f"{'✅' if yes else '✖️'} {question}"


_ASK: Mapping[Step, Callable[[Draft], Say]] = MappingProxyType(
    {
        Ask.LANGUAGE: _ask_language,
        Ask.TALK: _ask_talk,
        Ask.DIALECT: _ask_dialect,
        Ask.POSTCODE: lambda draft: Say(draft.texts.postcode_question),
        Ask.TOPICS: _ask_topics,
        Ask.MODE: _ask_mode,
        Ask.GENDER: _ask_gender,
        Ask.GENDER_BINDING: lambda draft: _yes_or_no(draft.step, draft.texts.gender_binding_question, draft.texts),
        Ask.NAME: lambda draft: Say(draft.texts.name_question),
        Ask.BIRTH_YEAR: _ask_birth_year,
        Ask.SUMMARY: _ask_summary,
    }
)
