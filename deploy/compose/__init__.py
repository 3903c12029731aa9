"""KIM in containers: what docker-compose.yml needs around it."""

SUPERUSER_FILE = "postgres"
"""The secret with the password of PostgreSQL's superuser."""
