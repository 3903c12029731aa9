"""What is transient, by name: it may pass when the work is done again. A reaction backs off, a request gets 503."""

import socket

import asyncpg
from aiokafka.errors import KafkaError

TRANSIENT: tuple[type[Exception], ...] = (
    ConnectionError,
    TimeoutError,
    socket.gaierror,
    KafkaError,
    asyncpg.InterfaceError,  # the connection was closed under us
    asyncpg.InternalClientError,  # and asyncpg did not expect it
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,  # shutdown, restart, cancelled query
    asyncpg.InsufficientResourcesError,
    asyncpg.TransactionRollbackError,  # serialisation failure, deadlock
    asyncpg.TransactionTimeoutError,
    asyncpg.IdleInTransactionSessionTimeoutError,
    asyncpg.LockNotAvailableError,
)


def is_transient(error: BaseException) -> bool:
    """Whether the same work may succeed when it is done again."""
    return isinstance(error, TRANSIENT) and not isinstance(error, ValueError)  # asyncpg.DataError is both
