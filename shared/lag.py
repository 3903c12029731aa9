"""How far a consumer group is behind."""

import time
from typing import Any

from aiokafka import TopicPartition


class Lag:
    """How far the group is behind on one topic, in seconds: the age of the last moment at which all was committed.

    It looks at committed offsets of all partitions, so it holds for any number of group members.
    """

    def __init__(self, topic: str) -> None:
        self.topic = topic
        self._caught_up = float("-inf")

    def __call__(self) -> float:
        return time.monotonic() - self._caught_up

    async def look(self, kafka: Any) -> None:
        """Asks the broker. Raises KafkaError."""
        before = time.monotonic()
        partitions = [TopicPartition(self.topic, number) for number in kafka.partitions_for_topic(self.topic) or ()]
        ends = await kafka.end_offsets(partitions)
        committed = {partition: await kafka.committed(partition) or 0 for partition in partitions}
        if partitions and all(committed[partition] >= end for partition, end in ends.items()):
            self._caught_up = before
