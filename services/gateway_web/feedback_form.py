"""How an interpreted talk went, as it is typed in by whoever was there."""

from typing import Any

from starlette.datastructures import FormData

from shared.contracts.vocabulary import FeedbackRemark

REMARKS = list(FeedbackRemark)


def feedback(form: FormData) -> dict[str, Any] | None:
    """For interpreter; None where a mark is missing or a remark is none."""
    marks = {name: str(form.get(name, "")) for name in ("understanding", "punctuality")}
    remarks = {str(each) for each in form.getlist("remarks")}
    if not set(marks.values()) <= set("12345") or not remarks <= set(FeedbackRemark):
        return None
    return {name: int(mark) for name, mark in marks.items()} | {"remarks": sorted(remarks)}
