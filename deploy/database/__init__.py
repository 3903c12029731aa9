"""PostgreSQL, as KIM sets it up: a database and a role for every service."""
