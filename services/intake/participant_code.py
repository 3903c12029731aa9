"""The participant's code: 140 random bits in Crockford's base32, shown once and kept as a keyed hash.

Source of the alphabet and of what is read as what: https://www.crockford.com/base32.html
"""

from hashlib import sha256
from hmac import digest
from secrets import randbits

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_GROUPS, _GROUP = 7, 4
_READ_AS = str.maketrans("OIL", "011", " -\u2010\u2011\u2012\u2013")


def new_code() -> str:
    """Seven groups of four, such as `7K3M-QX0D-...`."""
    bits = randbits(5 * _GROUPS * _GROUP)
    letters = "".join(ALPHABET[bits >> shift & 31] for shift in range(0, 5 * _GROUPS * _GROUP, 5))
    return "-".join(letters[start : start + _GROUP] for start in range(0, len(letters), _GROUP))


def normalised(code: str) -> str:
    """As it is hashed: capitals without hyphens and spaces, and letters that look like digits read as such."""
    return code.upper().translate(_READ_AS)


def code_hash(key: bytes, code: str) -> bytes:
    """HMAC-SHA256; without the key nobody can test guesses on a stolen table."""
    return _keyed(key, "code", normalised(code))


def address_hash(key: bytes, address: str) -> bytes:
    """Stands for a client's address where attempts are counted."""
    return _keyed(key, "address", address)


def _keyed(key: bytes, use: str, text: str) -> bytes:
    return digest(key, f"{use}\0{text}".encode(), sha256)
