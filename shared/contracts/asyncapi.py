"""The AsyncAPI 3.0 document of everything that is published, made from the registry.

Channels are topics, messages are events in the binary mode of CloudEvents (sources: AsyncAPI
specification 3.0.0, its Kafka bindings 0.5.0, CloudEvents Kafka Protocol Binding 1.0.2).
"""

from shared.contracts.base import Event
from shared.contracts.registry import EVENTS, PUBLISHERS, TOPICS
from shared.contracts.schemas import Schema, component_schemas

PARTITIONS = 6
"""Of every internal topic (design: Municipal streams have one)."""
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
        "channels": {publisher: _channel(publisher) for publisher in PUBLISHERS},
        "operations": {f"{publisher}_publishes": _operation(publisher) for publisher in PUBLISHERS},
        "components": {
            "messages": {event.__name__: _message(event) for event in EVENTS.values()},
            "schemas": component_schemas(list(EVENTS.values())),
        },
    }


def _server() -> Schema:
    return {
        "host": "{bootstrap}",
        "protocol": "kafka",
        "variables": {
            "bootstrap": {
                "default": "127.0.0.1:19092",
                "description": "host:port of a broker, as in KAFKA_BOOTSTRAP_SERVERS",
            }
        },
    }


def _channel(publisher: str) -> Schema:
    topic = TOPICS[publisher]
    return {
        "address": topic,
        "description": f"What {publisher} publishes, in order per `ce_subject`.",
        "messages": {e.__name__: _ref("components/messages", e.__name__) for e in PUBLISHERS[publisher]},
        "bindings": {
            "kafka": {
                "topic": topic,
                "partitions": PARTITIONS,
                "topicConfiguration": {"cleanup.policy": ["compact"], "retention.ms": -1},
                "bindingVersion": _BINDING,
            }
        },
    }


def _operation(publisher: str) -> Schema:
    messages = f"channels/{publisher}/messages"
    return {
        "action": "send",
        "summary": f"{publisher} publishes through its outbox.",
        "channel": _ref("channels", publisher),
        "messages": [_ref(messages, event.__name__) for event in PUBLISHERS[publisher]],
    }


def _message(event: type[Event]) -> Schema:
    return {
        "name": event.type,
        "title": event.__name__,
        "contentType": "application/json",
        "headers": _headers(event),
        "payload": _ref("components/schemas", event.__name__),
        "bindings": {
            "kafka": {
                "key": {
                    "type": "string",
                    "format": "uuid",
                    "description": "The event's id",
                },
                "bindingVersion": _BINDING,
            }
        },
    }


def _headers(event: type[Event]) -> Schema:
    attributes: Schema = {
        "ce_specversion": {"type": "string", "const": "1.0"},
        "ce_id": {"type": "string", "format": "uuid"},
        "ce_source": {"type": "string", "format": "uri-reference"},
        "ce_type": {"type": "string", "const": event.type},
        "ce_subject": {"type": "string", "description": f"The value of `{event.subject}`."},
        "ce_time": {"type": "string", "format": "date-time"},
        "ce_traceparent": {"type": "string", "description": "W3C Trace Context, where there is one."},
        "content-type": {"type": "string", "const": "application/json"},
    }
    return {
        "type": "object",
        "required": [name for name in attributes if name != "ce_traceparent"],
        "properties": attributes,
    }


def _ref(where: str, name: str) -> Schema:
    return {"$ref": f"#/{where}/{name}"}
