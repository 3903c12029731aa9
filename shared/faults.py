"""The first of the three exits: what is transient, by name. All else is the domain's refusal, or poison."""

import asyncpg
from aiokafka.errors import KafkaError

TRANSIENT: tuple[type[Exception], ...] = (
    OSError,  # includes ConnectionError and TimeoutError
    KafkaError,
    asyncpg.InterfaceError,  # the connection was closed under us
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
