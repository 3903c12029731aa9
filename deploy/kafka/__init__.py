"""Kafka, as KIM sets it up: topics, and the sums of the jars the embedded broker is made of."""
