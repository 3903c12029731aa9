"""Waiting until nothing is on its way any more."""

from collections.abc import Mapping
from typing import Any

from aiokafka import AIOKafkaConsumer
from aiokafka.admin import AIOKafkaAdminClient


async def is_settled(bootstrap: str, databases: Mapping[str, Any]) -> bool:
    """Whether every service has told what it had to tell, and handled what it was told. `databases`: by service."""
    return (
        await _all_is_sent(databases)
        and await _all_is_handled(bootstrap, list(databases))
        and await _all_is_sent(databases)
    )


async def _all_is_sent(databases: Mapping[str, Any]) -> bool:
    waiting = [await conn.fetchval("select exists (select from outbox)") for conn in databases.values()]
    return not any(waiting)


async def _all_is_handled(bootstrap: str, groups: list[str]) -> bool:
    admin, kafka = AIOKafkaAdminClient(bootstrap_servers=bootstrap), AIOKafkaConsumer(bootstrap_servers=bootstrap)
    await admin.start()
    await kafka.start()
    try:
        for group in groups:
            committed = await admin.list_consumer_group_offsets(group)
            ends = await kafka.end_offsets(list(committed))
            if any(committed[partition].offset < end for partition, end in ends.items()):
                return False
        return True
    finally:
        await kafka.stop()
        await admin.close()
