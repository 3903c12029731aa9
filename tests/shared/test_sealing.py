"""What is sealed can be read by who holds the private key, and by nobody else."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, SealedBox
from pydantic import ValidationError

from shared.contracts.vocabulary import LANGUAGES
from shared.sealing import ContactKind, SealedContact, seal

PRIVATE = PrivateKey.generate()
PUBLIC = bytes(PRIVATE.public_key)
GIVEN: dict[str, Any] = {
    "name": "Selam Tesfay",
    "contact_kind": "phone",
    "contact": "+49 2064 123456",
    "message": "ጽቡቕ መዓልቲ\nwir suchen eine Wohnung",
    "preferred_language": "ti",
}
_visible = st.characters(
    exclude_categories=["Cc", "Cs", "Co", "Zl", "Zp"],
    exclude_characters="\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069",
)
contacts = st.builds(
    SealedContact,
    name=st.text(_visible, max_size=60),
    contact_kind=st.sampled_from([ContactKind.PHONE, ContactKind.EMAIL, ContactKind.TELEGRAM]),
    contact=st.text(_visible, max_size=60).map(lambda text: f"by {text}"),
    message=st.text(_visible | st.just("\n"), max_size=1000),
    preferred_language=st.sampled_from(sorted(LANGUAGES)),
)


def contact(**changed: str) -> SealedContact:
    return SealedContact.model_validate(GIVEN | changed)


@given(contacts)
def test_whoever_holds_the_private_key_reads_what_was_sealed(given_contact: SealedContact) -> None:
    opened = SealedBox(PRIVATE).decrypt(seal(PUBLIC, given_contact))
    assert SealedContact.model_validate_json(opened) == given_contact


def test_another_private_key_opens_nothing() -> None:
    with pytest.raises(CryptoError):
        SealedBox(PrivateKey.generate()).decrypt(seal(PUBLIC, contact()))


def test_the_same_contact_is_never_sealed_into_the_same_block() -> None:
    assert seal(PUBLIC, contact()) != seal(PUBLIC, contact())


def test_the_length_of_a_block_does_not_tell_the_length_of_the_message() -> None:
    assert len(seal(PUBLIC, contact(message=""))) == len(seal(PUBLIC, contact(message="x" * 200)))


def test_a_public_key_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="32"):
        seal(PUBLIC[:-1], contact())


def test_neither_repr_nor_errors_show_what_was_said() -> None:
    with pytest.raises(ValidationError) as refused:
        contact(name="Selam\x00Tesfay", preferred_language="Selam", message="Selam" * 1000)
    assert "Selam" not in repr(contact()) + str(contact()) + str(refused.value)


@pytest.mark.parametrize("field", ["name", "contact", "message"])
def test_control_characters_are_refused(field: str) -> None:
    with pytest.raises(ValidationError, match="control characters"):
        contact(**{field: "a\x1bb"})


def test_joiners_that_persian_needs_are_welcome() -> None:
    assert contact(message="می‌خواهم").message == "می‌خواهم"


@pytest.mark.parametrize(("kind", "value"), [("none", "+49 1"), ("email", "")])
def test_a_contact_is_given_exactly_where_its_kind_is_not_none(kind: str, value: str) -> None:
    with pytest.raises(ValidationError, match="kind is not none"):
        contact(contact_kind=kind, contact=value)
