"""The key of a form, so that what is sent twice is done once."""

from starlette.datastructures import FormData


def idempotency_key(form: FormData) -> str | None:
    """As services take it; None for one that no page of ours has made."""
    key = str(form.get("key", ""))
    return key if 16 <= len(key) <= 128 and key.isascii() and key.isprintable() and " " not in key else None
