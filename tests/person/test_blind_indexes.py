"""Blind indexes: who is found again although one thing about them is written otherwise, and who is not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.person.blind_indexes import blind, key_of, phones, sound, spelt
from services.person.crypto import Key
from services.person.duplicates import Indexes, Part, matching
from shared.sealing import ContactKind, SealedContact

KEY = key_of(Key(b"k" * 32))
NAME, YEAR, PHONE = "Selam Tesfay", 1991, "+49 1579 4827391"


def somebody(
    name: str = NAME, year: int | None = YEAR, contact: str = PHONE, kind: ContactKind = ContactKind.PHONE
) -> SealedContact:
    return SealedContact(
        name=name, contact_kind=kind, contact=contact, message="", preferred_language="ti", birth_year=year
    )


def indexes(*args: object, **kwargs: object) -> Indexes:
    return blind(KEY, somebody(*args, **kwargs))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Müller", "Mueller"),
        ("Müller", "MULLER"),
        ("Strauß", "Strauss"),
        ("Zanétta Kanarová", "Kanarova, Zanetta"),
        ("Олександр Шевченко", "Oleksandr Shevchenko"),
        ("ተስፋይ", "Tesfay"),
        ("Al-Hassan", "al hassan"),
        ("Selam", "\uff33\uff45\uff4c\uff41\uff4d"),
    ],
)
def test_one_name_is_spelt_alike_however_it_is_written(one: str, other: str) -> None:
    assert spelt(one) == spelt(other)


@pytest.mark.parametrize(
    ("one", "other"), [("Mohammed", "Muhammad"), ("محمد", "Mohammed"), ("Tesfai", "ተስፋይ"), ("Yusuf", "Youssef")]
)
def test_transliterations_of_one_name_sound_alike(one: str, other: str) -> None:
    assert sound(one) == sound(other)


@pytest.mark.parametrize(("one", "other"), [("Selam", "Saba"), ("Mohammed", "Mahmoud Ali"), ("李雷", "韩梅梅")])
def test_other_names_do_not_sound_alike(one: str, other: str) -> None:
    assert sound(one) != sound(other)


@pytest.mark.parametrize(
    "written", ["+4915794827391", "0049 1579 4827391", "01579/48 27 391", "bei Hanna: 01579-4827391", "٠١٥٧٩٤٨٢٧٣٩١"]
)
def test_one_phone_number_is_one_however_it_is_written(written: str) -> None:
    assert phones(written) == ["+4915794827391"]


def test_several_phone_numbers_are_all_compared() -> None:
    assert len(phones("02064 471108 oder 01579 4827391")) == 2
    assert phones("bei Familie Kanarowski, Hinterhof 3b") == []


@pytest.mark.parametrize(
    ("other", "parts"),
    [
        (somebody(), {Part.NAME_AND_BIRTH_YEAR, Part.PHONE}),
        (somebody(name="Samuel Kidane"), {Part.PHONE}),
        (somebody(year=1992), {Part.PHONE}),
        (somebody(contact="02064 471108"), {Part.NAME_AND_BIRTH_YEAR}),
        (somebody(year=None), {Part.NAME, Part.PHONE}),
        (somebody(year=None, contact="", kind=ContactKind.NONE), {Part.NAME}),
        (somebody(year=1992, contact="02064 471108"), set()),
        (somebody(name="Samuel Kidane", contact="02064 471108"), set()),
        (somebody(name="Samuel", year=None, contact=PHONE, kind=ContactKind.EMAIL), set()),
    ],
)
def test_one_differing_part_still_finds_a_candidate_and_two_do_not(other: SealedContact, parts: set[Part]) -> None:
    assert matching(indexes(), blind(KEY, other)) == parts


@pytest.mark.parametrize("kind", [ContactKind.EMAIL, ContactKind.TELEGRAM])
def test_an_address_and_a_chat_are_compared_too(kind: ContactKind) -> None:
    one = indexes(contact="Selam@example.org", kind=kind)
    other = indexes("Somebody Else", None, "selam@example.org", kind)
    assert matching(one, other) == ({Part.EMAIL} if kind is ContactKind.EMAIL else set())
    assert matching(one, indexes("Somebody Else", None, "Selam@example.org", kind)) == {Part(kind)}


@given(
    st.text(max_size=30), st.text(max_size=30), st.none() | st.integers(1900, 2100), st.none() | st.integers(1900, 2100)
)
def test_who_is_like_whom_does_not_depend_on_who_came_first(
    one: str, other: str, year: int | None, their_year: int | None
) -> None:
    ours, theirs = (blind(KEY, _named(name, born)) for name, born in ((one, year), (other, their_year)))
    assert matching(ours, theirs) == matching(theirs, ours)


def test_with_another_key_nothing_is_equal() -> None:
    ours, theirs = indexes(), blind(key_of(Key(b"o" * 32)), somebody())
    assert matching(ours, theirs) == set()
    assert all(len(digest) == 32 for digests in ours.values() for digest in digests)


def _named(name: str, year: int | None) -> SealedContact:
    return somebody().model_copy(update={"name": name, "birth_year": year})
