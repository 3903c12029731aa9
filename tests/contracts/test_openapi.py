"""Every service's API is described, validly and as it is."""

import json
from typing import Any

import pytest
from openapi_spec_validator import validate

from services.openapi import SERVICES, out_of_date, path_of, wanted

every_service = pytest.mark.parametrize("name", SERVICES)


def _document(name: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(path_of(name).read_text(encoding="utf-8"))
    return document


def test_the_descriptions_are_up_to_date() -> None:
    assert out_of_date(wanted()) == []


@every_service
def test_a_description_is_valid_openapi(name: str) -> None:
    validate(_document(name))


@every_service
def test_every_operation_says_that_errors_are_problem_details(name: str) -> None:
    for path, item in _document(name)["paths"].items():
        for method, operation in item.items():
            answers = [answer for status, answer in operation["responses"].items() if status in {"default", "422"}]
            kinds = {kind for answer in answers for kind in answer.get("content", {})}
            assert kinds == {"application/problem+json"}, f"{method} {path}"
