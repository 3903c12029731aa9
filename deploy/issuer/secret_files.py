"""The issuer's signing key and its clients' secrets: files that only their owner reads, made at the first start."""

import json
import os
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

from shared.service_token import CLIENTS_FILE

KEY_FILE = "issuer.pem"


def signing_key(directory: Path) -> EllipticCurvePrivateKey:
    """The key for ES256 (P-256)."""
    path = directory / KEY_FILE
    if not path.exists():
        made = generate_private_key(SECP256R1())
        _write(path, made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    key = load_pem_private_key(path.read_bytes(), None)
    if not isinstance(key, EllipticCurvePrivateKey):
        raise TypeError(f"{KEY_FILE} holds no key for ES256: delete it, and a new one is made")
    return key


def client_secrets(directory: Path, clients: Iterable[str]) -> Mapping[str, str]:
    """Client -> secret. Clients that have none yet get one; those of others stay as they are."""
    path = directory / CLIENTS_FILE
    known: dict[str, str] = json.loads(path.read_bytes()) if path.exists() else {}
    missing = [client for client in clients if client not in known]
    if missing:
        known |= {client: secrets.token_urlsafe(32) for client in missing}
        _write(path, json.dumps(known, indent=2).encode())
    return known


def _write(path: Path, content: bytes) -> None:
    """Whole or not at all, mode 0600."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}.making")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
    draft.replace(path)
