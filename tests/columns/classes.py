"""The class of each column outside the vault, where its type does not tell: a reason for everything that is bytes."""

from collections.abc import Mapping

BY_TYPE: Mapping[str, str] = {
    "uuid": "an id",
    "uuid[]": "ids",
    "date": "a time",
    "time without time zone": "a time",
    "timestamp with time zone": "a time",
    "tstzrange": "a time",
    "interval": "a time",
    "smallint": "a number",
    "integer": "a number",
    "bigint": "a number",
    "double precision": "a number",
    "numeric": "a number",
    "boolean": "coded: yes or no",
}
"""Types that hold no text. `timestamp without time zone` is not among them: KIM has none."""

CODED = frozenset({"text", "text[]", "jsonb"})
"""Types whose columns need a check that refuses free text: then they are coded."""

RUNTIME_BYTES: Mapping[str, str] = {
    "outbox.headers": "CloudEvents attributes of the event: ids, codes, times (tests/contracts/test_coded.py)",
    "outbox.value": "an event by its contract, of which every field is coded (tests/contracts/test_coded.py)",
    "parked.headers": "as they came from Kafka, where outboxes alone write",
    "parked.value": "an event as it came from Kafka, where outboxes alone write",
    "idempotency_key.key": "derived from the client's key, which is not kept",
    "idempotency_key.body_hash": "keyed with the client's key, which is not kept",
    "idempotency_key.answer": "ciphertext: AES-GCM with a key derived from the client's, which is not kept",
    "forgotten.digest": "SHA-256 of an id with 74 random bits",
}
"""In every database."""

BYTES: Mapping[str, Mapping[str, str]] = {
    "intake": {
        "enquiry.code_hash": "HMAC-SHA256 of the participant's code",
        "enquiry.sealed": "ciphertext: a sealed box that person alone can open",
        "attempt.bucket": "HMAC-SHA256 of the client's address",
    },
    "case": {"note.ciphertext": "ciphertext: AES-GCM with a key that person alone can derive"},
    "coordination": {"erased_enquiry.tombstone": "HMAC-SHA256 of an id"},
    "scheduling": {},
    "interpreter": {},
}
"""Service -> column -> why nobody can read anything of a person in it."""

VAULT: Mapping[str, str] = {"person": "owns names, contacts and messages: the vault (design.md, Services)"}
"""Services whose own tables are not looked at. The runtime's tables in their databases are."""
