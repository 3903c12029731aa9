"""A code that can be read out on the phone, and stored without being known."""

import re
from math import log2

from services.intake.participant_code import ALPHABET, address_hash, code_hash, new_code, normalised

KEY = b"k" * 32


def test_a_code_has_at_least_128_random_bits_in_groups() -> None:
    code = new_code()
    assert re.fullmatch(rf"([{ALPHABET}]{{4}}-){{6}}[{ALPHABET}]{{4}}", code)
    assert len(normalised(code)) * log2(len(ALPHABET)) >= 128


def test_codes_differ() -> None:
    assert len({new_code() for _ in range(100)}) == 100


def test_a_code_is_recognised_however_it_is_typed() -> None:
    code = "7K3M-0X1D-1111-0000-ABCD-EFGH-JKMN"
    for typed in ("7k3m 0x1d 1111 0000 abcd efgh jkmn", "7K3MOXID-lill-oOo0-ABCD\N{EN DASH}EFGHJKMN"):
        assert code_hash(KEY, typed) == code_hash(KEY, code)


def test_another_code_or_key_gives_another_hash() -> None:
    code = new_code()
    assert code_hash(KEY, code) != code_hash(KEY, new_code())
    assert code_hash(KEY, code) != code_hash(b"o" * 32, code)
    assert code.encode() not in code_hash(KEY, code)


def test_a_code_and_an_address_never_share_a_hash() -> None:
    assert code_hash(KEY, "127") != address_hash(KEY, "127")
