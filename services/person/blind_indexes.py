"""Blind indexes: HMACs of what is compared, so that equal people are found and none is known by them.

The key is derived (HKDF) from the key of the conflict tokens, which is in person alone, wrapped by the master key.
"""

from collections import defaultdict
from collections.abc import Iterator
from hmac import digest
from unicodedata import combining, normalize

import jellyfish
import phonenumbers
from anyascii import anyascii

from services.person import crypto
from services.person.crypto import Key
from services.person.duplicates import Indexes, Part
from shared.sealing import ContactKind, SealedContact

_REGION = "DE"
"""Where a phone number without a country code is from."""
_UMLAUTS = (("ae", "a"), ("oe", "o"), ("ue", "u"))
"""As they are written where there is no key for them."""


def key_of(conflict_key: Key) -> Key:
    return crypto.derive(conflict_key, "person/duplicates/1")


def blind(key: Key, contact: SealedContact) -> Indexes:
    found: defaultdict[Part, set[bytes]] = defaultdict(set)
    for part, value in _compared(contact):
        found[part].add(digest(key.secret, f"{part}\0{value}".encode(), "sha256"))
    return {part: frozenset(digests) for part, digests in found.items()}


def spelt(name: str) -> str:
    """Its words in Latin letters without accents, umlauts or case, in order of the alphabet."""
    plain = "".join(each for each in normalize("NFKD", name.casefold()) if not combining(each))
    latin = anyascii(plain).casefold()
    for written, letter in _UMLAUTS:
        latin = latin.replace(written, letter)
    words = "".join(each if each.isalnum() else " " for each in latin.replace("'", "").replace("`", "")).split()
    return " ".join(sorted(words))


def sound(name: str) -> str:
    """How its words sound (Metaphone): the same for most transliterations, and for scripts without vowels."""
    return " ".join(sorted(jellyfish.metaphone(word) or word for word in spelt(name).split()))


def phones(text: str) -> list[str]:
    """The phone numbers in it, as E.164 has them."""
    found = phonenumbers.PhoneNumberMatcher(text, _REGION, leniency=phonenumbers.Leniency.POSSIBLE)
    return [phonenumbers.format_number(each.number, phonenumbers.PhoneNumberFormat.E164) for each in found]


def _compared(contact: SealedContact) -> Iterator[tuple[Part, str]]:
    if name := spelt(contact.name):
        yield Part.NAME, name
        if contact.birth_year is not None:
            yield Part.NAME_AND_BIRTH_YEAR, f"{sound(contact.name)}\0{contact.birth_year}"
    if contact.contact_kind is ContactKind.PHONE:
        for number in phones(contact.contact):
            yield Part.PHONE, number
    elif contact.contact_kind is ContactKind.EMAIL:
        yield Part.EMAIL, normalize("NFKC", contact.contact).strip().casefold()
    elif contact.contact_kind is ContactKind.TELEGRAM:
        yield Part.TELEGRAM, contact.contact
