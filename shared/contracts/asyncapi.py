"""The AsyncAPI 3.0 document of everything that is published, made from the registry.

Channels are topics, messages are events in the binary mode of CloudEvents (sources: AsyncAPI specification 3.0.0, its
Kafka bindings 0.5.0, CloudEvents Kafka Protocol Binding 1.0.2).
"""

from shared.contracts.base import Event
from shared.contracts.municipal import MunicipalBody
from shared.contracts.registry import EVENTS, PUBLISHERS, TOPICS, municipal_topic
from shared.contracts.schemas import Schema, component_schemas
from shared.municipalities import BY_AGS

PARTITIONS = 6
"""Of every internal topic; a municipal stream has one, since it is one order (design: Municipal streams)."""
_MUNICIPAL = "MunicipalEvent"
_BINDING = "0.5.0"


def document() -> Schema:
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "KIM events",
            "version": "1.0.0",
            "description": (
                "Facts about counselling in Kreis Wesel, coded: no name, contact, birth date or free text. "
                "`x-disclosure` says whom a field may reach outside: internal, consented or open."
            ),
        },
        "defaultContentType": "application/json",
        "servers": {"kafka": _server()},
        "channels": {**{name: _channel(name) for name in PUBLISHERS}, "municipality": _municipal_channel()},
        "operations": {
            **{f"{name}_publishes": _operation(name, _messages(name)) for name in PUBLISHERS},
            "municipality_publishes": _operation("municipality", [_MUNICIPAL]),
        },
        "components": {
            "messages": {
                **{event.__name__: _message(event) for event in EVENTS.values()},
                _MUNICIPAL: _municipal_message(),
            },
            "schemas": component_schemas([*EVENTS.values(), MunicipalBody]),
        },
    }


def _server() -> Schema:
    description = "host:port of a broker, as in KAFKA_BOOTSTRAP_SERVERS"
    variables = {"bootstrap": {"default": "127.0.0.1:19092", "description": description}}
    return {"host": "{bootstrap}", "protocol": "kafka", "variables": variables}


def _messages(publisher: str) -> list[str]:
    return [event.__name__ for event in PUBLISHERS[publisher]]


def _channel(publisher: str) -> Schema:
    topic = TOPICS[publisher]
    return {
        "address": topic,
        "description": f"What {publisher} publishes, in order per `ce_subject`.",
        "messages": {name: _ref("components/messages", name) for name in _messages(publisher)},
        "bindings": {"kafka": {"topic": topic, **_topic(PARTITIONS)}},
    }


def _municipal_channel() -> Schema:
    return {
        "address": municipal_topic("{ags}"),
        "description": "What concerns one municipality, projected by disclosure and consent, as a hash chain.",
        "parameters": {
            "ags": {"enum": sorted(BY_AGS), "description": "Official municipality key (Amtlicher Gemeindeschlüssel)"}
        },
        "messages": {_MUNICIPAL: _ref("components/messages", _MUNICIPAL)},
        "bindings": {"kafka": _topic(1)},
    }


def _topic(partitions: int) -> Schema:
    return {
        "partitions": partitions,
        "topicConfiguration": {"cleanup.policy": ["compact"], "retention.ms": -1},
        "bindingVersion": _BINDING,
    }


def _operation(channel: str, messages: list[str]) -> Schema:
    return {
        "action": "send",
        "channel": _ref("channels", channel),
        "messages": [_ref(f"channels/{channel}/messages", name) for name in messages],
    }


def _message(event: type[Event]) -> Schema:
    attributes = {
        "ce_type": {"type": "string", "const": event.type},
        "ce_subject": {"type": "string", "description": f"The value of `{event.subject}`."},
        "ce_traceparent": {"type": "string", "description": "W3C Trace Context, where there is one."},
    }
    return {
        "name": event.type,
        "title": event.__name__,
        **_content(event.__name__, attributes, optional="ce_traceparent"),
    }


def _municipal_message() -> Schema:
    attributes = {
        "ce_type": {"type": "string", "enum": sorted(EVENTS), "description": "That of the event it was made from."},
        "ce_subject": {"type": "string", "description": "A pseudonym within this stream; gone after a redaction."},
        "ce_sequence": {"type": "string", "pattern": "^[0-9]{12}$", "description": "Place in this stream."},
    }
    return {
        "name": "municipality",
        "title": _MUNICIPAL,
        **_content(MunicipalBody.__name__, attributes, optional="ce_subject"),
    }


def _content(schema: str, attributes: Schema, *, optional: str) -> Schema:
    headers: Schema = {
        "ce_specversion": {"type": "string", "const": "1.0"},
        "ce_id": {"type": "string", "format": "uuid"},
        "ce_source": {"type": "string", "format": "uri-reference"},
        "ce_time": {"type": "string", "format": "date-time"},
        "content-type": {"type": "string", "const": "application/json"},
        **attributes,
    }
    required = [name for name in headers if name != optional]
    key = {"type": "string", "minLength": 16, "maxLength": 16, "description": "The 16 bytes of `ce_id`."}
    return {
        "contentType": "application/json",
        "headers": {"type": "object", "required": required, "properties": headers},
        "payload": _ref("components/schemas", schema),
        "bindings": {"kafka": {"key": key, "bindingVersion": _BINDING}},
    }


def _ref(where: str, name: str) -> Schema:
    return {"$ref": f"#/{where}/{name}"}
