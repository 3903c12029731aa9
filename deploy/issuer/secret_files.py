"""The issuer's signing key and its clients' secrets: files that only their owner reads, made at the first start."""

import json
import secrets
from collections.abc import Iterable, Mapping
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from shared.secret_file import keep, read_or_make
from shared.service_token import CLIENTS_FILE

KEY_FILE = "issuer.pem"


def signing_key(directory: Path) -> EllipticCurvePrivateKey:
    """The key for ES256 (P-256)."""
    key = load_pem_private_key(read_or_make(directory / KEY_FILE, _new_key, may_make=True), None)
    if not isinstance(key, EllipticCurvePrivateKey):
        raise TypeError(f"{KEY_FILE} holds no key for ES256: delete it, and a new one is made")
    return key


def _new_key() -> bytes:
    return generate_private_key(SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def client_secrets(directory: Path, clients: Iterable[str]) -> Mapping[str, str]:
    """Client -> secret. Clients that have none yet get one; those of others stay as they are."""
    path = directory / CLIENTS_FILE
    known: dict[str, str] = json.loads(path.read_bytes()) if path.exists() else {}
    missing = [client for client in clients if client not in known]
    if missing:
        known |= {client: secrets.token_urlsafe(32) for client in missing}
        keep(path, json.dumps(known, indent=2).encode())
    return known
