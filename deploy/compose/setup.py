"""`python -m deploy.compose.start deploy.compose.setup`: topics, roles, databases; once, before the services start."""

from deploy.database.setup import main as databases
from deploy.kafka.topics import main as topics

if __name__ == "__main__":
    databases()
    topics()
