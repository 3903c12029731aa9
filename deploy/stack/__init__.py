"""KIM on one machine that has Python: embedded PostgreSQL and Kafka, and the services, supervised."""
