"""JSON Schemas (draft 2020-12) of the events, each field with its `x-disclosure`."""

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from shared.contracts.base import Event

DIALECT = "https://json-schema.org/draft/2020-12/schema"
Schema = dict[str, Any]


def schema_of(event: type[Event]) -> Schema:
    """The schema that stands alone, with the classes it uses below `$defs`."""
    return {"$schema": DIALECT, "$id": f"urn:kim:event:{event.type}", **event.model_json_schema()}


def component_schemas(models: Sequence[type[BaseModel]]) -> Schema:
    """The schemas of the models and of what they use, by class name, for use in one document."""
    _, together = models_json_schema(
        [(model, "validation") for model in models], ref_template="#/components/schemas/{model}"
    )
    schemas: Schema = together["$defs"]
    return schemas
