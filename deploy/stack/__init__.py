"""KIM on one machine with Python and nothing else: embedded PostgreSQL and Kafka, the services, supervised."""
