"""The port through which mail leaves, and SMTP (RFC 5321) behind it."""

import ssl
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from pathlib import Path
from typing import Protocol
from uuid import UUID

import aiosmtplib

from services.person.messages import Letter
from shared.clock import now
from shared.secret_file import read_or_make
from shared.settings import MailSecurity, Settings

PASSWORD_FILE = "smtp-password"  # noqa: S105 - the name of its file
TIMEOUT = 20.0
"""Seconds for one command; a message is postponed for longer before it is tried again."""
_PERMANENT = range(500, 600)


class MailAway(Exception):
    """Not now: no connection, a temporary code, or a mistake in our own settings."""


class MailRefused(Exception):
    """Never: the server refuses this recipient or message for good."""


class Mail(Protocol):
    async def send(self, letter: Letter, message_id: UUID) -> None:
        """Sends it; equal ids mean the same mail. Raises MailAway, MailRefused."""


@dataclass(frozen=True, slots=True)
class Smtp:
    host: str
    port: int
    security: MailSecurity
    sender: str
    user: str = ""
    password: str = field(default="", repr=False)
    tls: ssl.SSLContext | None = None
    """None: the system's trusted authorities."""

    @classmethod
    def of(cls, settings: Settings) -> "Smtp | None":
        """None where no server is configured. Raises SecretUnusable where the user's password is missing."""
        if not settings.smtp_host:
            return None
        password = _password(settings.secrets_dir) if settings.smtp_user else ""
        return cls(
            settings.smtp_host, settings.smtp_port, settings.smtp_security, settings.mail_from,
            settings.smtp_user, password,
        )  # fmt: skip

    async def send(self, letter: Letter, message_id: UUID) -> None:
        try:
            await aiosmtplib.send(
                self._mail(letter, message_id),
                hostname=self.host,
                port=self.port,
                use_tls=self.security is MailSecurity.TLS,
                start_tls=self.security is MailSecurity.STARTTLS,
                tls_context=self.tls,
                username=self.user or None,
                password=self.password or None,
                timeout=TIMEOUT,
            )
        except aiosmtplib.SMTPRecipientsRefused as refused:
            raise _kind(refused.recipients[0].code) from None
        except aiosmtplib.SMTPDataError as refused:
            raise _kind(refused.code) from None
        except (aiosmtplib.SMTPException, OSError):
            raise MailAway from None
        except ValueError:  # an address that no header can hold
            raise MailRefused from None

    def _mail(self, letter: Letter, message_id: UUID) -> EmailMessage:
        """With the id as Message-ID (RFC 5322, 3.6.4), by which a mail sent twice is told from two."""
        mail = EmailMessage(policy=SMTP_POLICY)
        domain = self.sender.rpartition("@")[2]
        mail["From"], mail["To"], mail["Subject"] = self.sender, letter.to, letter.subject
        mail["Date"], mail["Message-ID"] = now(), f"<{message_id}@{domain}>"
        mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's absence answers it
        mail.set_content(letter.text)
        return mail


def _kind(code: int) -> MailAway | MailRefused:
    return MailRefused() if code in _PERMANENT else MailAway()


def _password(secrets_dir: Path) -> str:
    return read_or_make(secrets_dir / PASSWORD_FILE, lambda: b"", may_make=False).decode().strip()
