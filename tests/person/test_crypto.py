"""Whatever is encrypted opens with its own key and for its own owner, and in no other way."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.person.crypto import (
    Key,
    MasterKey,
    Undecipherable,
    conflict_token,
    new_pair,
    unseal,
)
from shared.sealing import seal
from tests.person.people import CONTACT

keys = st.binary(min_size=32, max_size=32).map(Key)


@given(keys, st.binary(max_size=2000), st.text(max_size=50))
def test_what_a_key_encrypts_it_decrypts_again(key: Key, text: bytes, owner: str) -> None:
    assert key.decrypt(key.encrypt(text, owner), owner) == text


@given(keys, keys, st.text(max_size=50))
def test_a_key_wrapped_by_the_master_key_comes_back(master: Key, key: Key, owner: str) -> None:
    kept = MasterKey(1, master)
    assert kept.unwrap(kept.wrap(key, owner), owner) == key


@given(keys, st.data())
def test_a_changed_ciphertext_fails_closed(key: Key, data: st.DataObject) -> None:
    ciphertext = bytearray(key.encrypt(b"somebody", "person:1"))
    place = data.draw(st.integers(0, len(ciphertext) - 1))
    ciphertext[place] ^= data.draw(st.integers(1, 255))
    with pytest.raises(Undecipherable):
        key.decrypt(bytes(ciphertext), "person:1")


@pytest.mark.parametrize("length", [0, 10, 39])
def test_a_ciphertext_cut_short_fails_closed(length: int) -> None:
    key = Key.new()
    with pytest.raises(Undecipherable):
        key.decrypt(key.encrypt(b"somebody", "person:1")[:length], "person:1")


def test_another_key_fails_closed() -> None:
    with pytest.raises(Undecipherable):
        Key.new().decrypt(Key.new().encrypt(b"somebody", "person:1"), "person:1")


def test_what_belongs_to_one_person_does_not_open_for_another() -> None:
    key = Key.new()
    with pytest.raises(Undecipherable):
        key.decrypt(key.encrypt(b"somebody", "person:1"), "person:2")


def test_a_wrapped_key_does_not_open_for_another_owner_nor_by_another_master_key() -> None:
    master = MasterKey(1, Key.new())
    wrapped = master.wrap(Key.new(), "person:1")
    with pytest.raises(Undecipherable):
        master.unwrap(wrapped, "person:2")
    with pytest.raises(Undecipherable):
        MasterKey(1, Key.new()).unwrap(wrapped, "person:1")


def test_a_key_of_another_length_is_no_key_and_no_key_shows_itself() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        Key(b"short")
    assert repr(MasterKey(1, Key.new())) == "MasterKey(version=1, key=Key())"


def test_a_block_opens_with_whichever_pair_it_was_sealed_for() -> None:
    (old, old_public), (new, new_public) = new_pair(), new_pair()
    opened = [unseal([new, old], seal(public, CONTACT)) for public in (old_public, new_public)]
    assert opened[0] == opened[1]


@pytest.mark.parametrize("block", [b"", b"short", b"x" * 600])
def test_what_is_no_block_of_ours_fails_closed(block: bytes) -> None:
    private, _ = new_pair()
    with pytest.raises(Undecipherable):
        unseal([private], block)
    with pytest.raises(Undecipherable):
        unseal([], seal(new_pair()[1], CONTACT))


def test_conflict_tokens_are_equal_for_equal_values_of_one_kind_under_one_key() -> None:
    key = Key.new()
    token = conflict_token(key, "village", "Adi  Keyih ")
    assert token == conflict_token(key, "village", "adi keyih")
    assert token != conflict_token(key, "family", "adi keyih")
    assert token != conflict_token(Key.new(), "village", "adi keyih")
    assert len(token) == 64
