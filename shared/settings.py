"""The one settings object: read once from the environment, never changed."""

from datetime import time, timedelta
from enum import StrEnum
from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Environment(StrEnum):
    DEVELOPMENT = "development"
    PRODUCTION = "production"


class MailSecurity(StrEnum):
    """How the connection to the mail server is protected."""

    TLS = "tls"
    """From the start (RFC 8314)."""
    STARTTLS = "starttls"
    """Demanded before anything else is said (RFC 3207)."""
    NONE = "none"
    """For a server on the same machine."""


class Settings(BaseSettings):
    """Environment variables carry the names below, as aliases; secrets are files in `secrets_dir`."""

    model_config = SettingsConfigDict(frozen=True, populate_by_name=True)

    environment: Environment = Field(default=Environment.PRODUCTION, validation_alias="KIM_ENVIRONMENT")
    host: str = Field(default="127.0.0.1", validation_alias="KIM_HOST")
    port: int = Field(default=8000, validation_alias="KIM_PORT")
    secrets_dir: Path = Field(default=Path(".kim/secrets"), validation_alias="KIM_SECRETS_DIR")

    ledger_dir: Path = Field(default=Path(".kim/ledger"), validation_alias="KIM_LEDGER_DIR")
    """Where the ledger of erasures is: outside of what the databases' backups hold."""

    database_url: str = Field(default="", validation_alias="DATABASE_URL")
    """Full address of the service's own database, or empty where a service has none."""
    kafka_bootstrap_servers: str = Field(default="127.0.0.1:19092", validation_alias="KAFKA_BOOTSTRAP_SERVERS")

    oidc_issuer: str = Field(default="http://127.0.0.1:8100", validation_alias="OIDC_ISSUER")
    oidc_jwks_url: str = Field(default="http://127.0.0.1:8100/jwks", validation_alias="OIDC_JWKS_URL")
    oidc_audience: str = Field(default="kim", validation_alias="OIDC_AUDIENCE")
    intake_issuer: str = Field(default="http://127.0.0.1:8101", validation_alias="INTAKE_ISSUER")
    intake_jwks_url: str = Field(default="http://127.0.0.1:8101/jwks", validation_alias="INTAKE_JWKS_URL")

    issuer_url: str = Field(default="http://127.0.0.1:8100", validation_alias="KIM_ISSUER_URL")
    """Where a service reaches the issuer and its metadata, which browsers may know by another name."""
    intake_url: str = Field(default="http://127.0.0.1:8101", validation_alias="KIM_INTAKE_URL")
    case_url: str = Field(default="http://127.0.0.1:8102", validation_alias="KIM_CASE_URL")
    scheduling_url: str = Field(default="http://127.0.0.1:8103", validation_alias="KIM_SCHEDULING_URL")
    interpreter_url: str = Field(default="http://127.0.0.1:8104", validation_alias="KIM_INTERPRETER_URL")
    person_url: str = Field(default="http://127.0.0.1:8105", validation_alias="KIM_PERSON_URL")
    coordination_url: str = Field(default="http://127.0.0.1:8106", validation_alias="KIM_COORDINATION_URL")
    web_url: str = Field(default="http://127.0.0.1:8080", validation_alias="KIM_WEB_URL")
    """Where browsers reach the pages: what stands in links that are sent."""
    telegram_bot: str = Field(default="", pattern=r"^[A-Za-z0-9_]{0,32}$", validation_alias="KIM_TELEGRAM_BOT")
    """Name of the bot, for links into the chat with it; empty: there is none."""
    telegram_url: str = Field(default="https://api.telegram.org", validation_alias="KIM_TELEGRAM_URL")

    slice_size: int = Field(default=200, validation_alias="KIM_SLICE_SIZE", gt=0)
    """Most events of one partition that share a transaction."""
    transaction_timeout: float = Field(default=10.0, validation_alias="KIM_TRANSACTION_TIMEOUT", gt=0)
    """Seconds after which PostgreSQL ends a transaction, so that a frozen process frees its rows."""
    session_timeout: float = Field(default=10.0, validation_alias="KIM_SESSION_TIMEOUT", gt=0)
    """Seconds without heartbeat after which Kafka hands a consumer's partitions to another."""
    liveness_limit: float = Field(default=60.0, validation_alias="KIM_LIVENESS_LIMIT", gt=0)
    """Seconds with lag and without a commit after which a consumer's process ends."""
    retry_limit: float = Field(default=45.0, validation_alias="KIM_RETRY_LIMIT", gt=0)
    """Seconds of back-off on a transient fault after which the process ends."""
    segment_ms: int = Field(default=60_000, validation_alias="KIM_SEGMENT_MS", gt=0)
    """`segment.ms` of the compacted topics, after which a marker makes a segment with redactions roll."""
    reminder_lead: timedelta = Field(default=timedelta(days=1), validation_alias="KIM_REMINDER_LEAD", gt=timedelta())
    """How long before a talk, by the clocks of Berlin, the participant is reminded: as ISO 8601 has it, P1D, PT3H."""
    findings_at: time = Field(default=time(6), validation_alias="KIM_FINDINGS_AT")
    """From when on, by the clocks of Berlin, the day's structural findings leave case in one batch."""
    retention_file: Path | None = Field(default=None, validation_alias="KIM_RETENTION_FILE")
    """How long what is kept, instead of services/person/retention.toml."""
    smtp_host: str = Field(default="", validation_alias="KIM_SMTP_HOST")
    """The mail server; empty: no mail is sent, and codes come from case managers alone."""
    smtp_port: int = Field(default=587, validation_alias="KIM_SMTP_PORT", gt=0)
    smtp_security: MailSecurity = Field(default=MailSecurity.STARTTLS, validation_alias="KIM_SMTP_SECURITY")
    smtp_user: str = Field(default="", validation_alias="KIM_SMTP_USER")
    """Its password is the file `smtp-password` in `secrets_dir`; empty: the server wants none."""
    mail_from: str = Field(default="kim@localhost", validation_alias="KIM_MAIL_FROM")
    """Address in whose name mail goes out; its domain also stands in Message-IDs."""
    poison_limit: int = Field(default=10, validation_alias="KIM_POISON_LIMIT", gt=0)
    """Poisonous events in a row after which a consumer stops: then it is us, not they."""

    @property
    def development(self) -> bool:
        return self.environment is Environment.DEVELOPMENT
