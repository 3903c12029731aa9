"""The topics of KIM and their idempotent creation.

`python -m deploy.kafka.topics` makes them on the broker in KAFKA_BOOTSTRAP_SERVERS, with
KIM_TOPIC_REPLICAS copies; run it as often as you like.
"""

import asyncio
import os
from collections.abc import Mapping
from dataclasses import dataclass

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import GroupCoordinatorNotAvailableError, KafkaError

from shared.municipalities import BY_AGS

SERVICES = ("intake", "case", "scheduling", "interpreter", "person", "coordination")
"""Each has a topic of its own, and each is a consumer group that may read every internal topic."""

INTERNAL_PARTITIONS = 6
TOPIC_ALREADY_EXISTS = 36
COORDINATOR_LIMIT = 30.0
_REPLICAS = int(os.environ.get("KIM_TOPIC_REPLICAS", "1"))


@dataclass(frozen=True)
class Compaction:
    """When the broker drops what was replaced: bounds for the erasure inside the log."""

    segment_ms: int = 60_000
    max_compaction_lag_ms: int = 60_000
    delete_retention_ms: int = 86_400_000
    min_cleanable_dirty_ratio: float = 0.01

    @classmethod
    def from_environment(cls) -> "Compaction":
        """KIM_SEGMENT_MS, KIM_MAX_COMPACTION_LAG_MS and KIM_DELETE_RETENTION_MS, where they are set."""
        names = ("segment_ms", "max_compaction_lag_ms", "delete_retention_ms")
        given = {name: os.environ.get(f"KIM_{name.upper()}") for name in names}
        return cls(**{name: int(value) for name, value in given.items() if value})

    def settings(self) -> dict[str, str]:
        return {
            "cleanup.policy": "compact",
            "retention.ms": "-1",
            "segment.ms": str(self.segment_ms),
            "max.compaction.lag.ms": str(self.max_compaction_lag_ms),
            "min.compaction.lag.ms": "0",
            "min.cleanable.dirty.ratio": str(self.min_cleanable_dirty_ratio),
            "delete.retention.ms": str(self.delete_retention_ms),
        }


def internal_topic(service: str) -> str:
    return f"kim.{service}.v1"


def municipality_topic(ags: str) -> str:
    return f"kim.municipality.{ags}.v1"


def dead_letter_topic(topic: str, group: str) -> str:
    return f"{topic}.dead.{group}"


def topics(compaction: Compaction) -> list[NewTopic]:
    """Every topic with its partitions and settings."""
    compacted = compaction.settings()
    return [
        *(_topic(internal_topic(service), INTERNAL_PARTITIONS, compacted) for service in SERVICES),
        *(_topic(municipality_topic(ags), 1, compacted) for ags in BY_AGS),
        *(
            _topic(dead_letter_topic(internal_topic(publisher), group), 1, compacted)
            for publisher in SERVICES
            for group in SERVICES
        ),
    ]


def _topic(name: str, partitions: int, settings: Mapping[str, str]) -> NewTopic:
    return NewTopic(name, partitions, _REPLICAS, topic_configs=dict(settings))


async def ensure_topics(bootstrap: str, compaction: Compaction | None = None) -> int:
    """Make what is missing, configure the others. Returns how many were made. Raises KafkaError."""
    wanted = topics(compaction or Compaction.from_environment())
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap, request_timeout_ms=30_000)
    await admin.start()
    try:
        made = await _create(admin, wanted)
        await _configure(admin, [topic for topic in wanted if topic.name not in made])
        await _await_group_coordinator(admin)
    finally:
        await admin.close()
    return len(made)


async def _create(admin: AIOKafkaAdminClient, wanted: list[NewTopic]) -> set[str]:
    existing = set(await admin.list_topics())
    missing = [topic for topic in wanted if topic.name not in existing]
    if not missing:
        return set()
    made = set()
    for name, code, message, *_ in (await admin.create_topics(missing)).topic_errors:
        if code == 0:
            made.add(name)
        elif code != TOPIC_ALREADY_EXISTS:
            raise KafkaError(f"{name}: {message or code}")
    return made


async def _configure(admin: AIOKafkaAdminClient, existing: list[NewTopic]) -> None:
    resources = [ConfigResource(ConfigResourceType.TOPIC, each.name, each.topic_configs) for each in existing]
    if not resources:
        return
    for answer in await admin.alter_configs(resources):
        for code, message, _, name in answer.resources:
            if code != 0:
                raise KafkaError(f"{name}: {message or code}")


async def _await_group_coordinator(admin: AIOKafkaAdminClient) -> None:
    """A new broker makes its topic of offsets when first asked: better now than by all services at once."""
    async with asyncio.timeout(COORDINATOR_LIMIT):
        while True:
            try:
                await admin.find_coordinator("kim")
            except GroupCoordinatorNotAvailableError:
                await asyncio.sleep(0.1)
            else:
                return


def main() -> None:
    bootstrap = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:19092")
    print(f"{asyncio.run(ensure_topics(bootstrap))} topics made, the others were there.")


if __name__ == "__main__":
    main()
