"""A mail server as the vault meets it: real SMTP on a real socket, with refusals to order."""

import asyncio
import warnings
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult

from shared.settings import MailSecurity
from tests.person.certificates import Certificate


@dataclass
class MailServer:
    """Takes every mail, but for what `answers` and `recipients_answer` say first."""

    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    """To the next mails, instead of taking them: one each."""
    after: list[str] = field(default_factory=list)
    """To the next mails after taking them: as if the connection went before our answer came."""
    recipients_answer: str = ""

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: list[str]
    ) -> str:
        if self.recipients_answer:
            return self.recipients_answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        if self.answers:
            return self.answers.pop(0)
        mail = message_from_bytes(envelope.content, policy=default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        return self.after.pop(0) if self.after else "250 taken"


@dataclass(frozen=True)
class Guarded:
    """A server that wants TLS and a login."""

    certificate: Certificate
    security: MailSecurity
    user: str
    password: str

    def protocol(self, made: MailServer) -> SMTP:
        """STARTTLS (RFC 3207) is demanded before anything else; within TLS from the start (RFC 8314) it is not."""
        after = self.security is MailSecurity.STARTTLS
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Requiring AUTH while not requiring TLS")  # it is within TLS already
            return SMTP(
                made,
                hostname="mail.test",
                loop=asyncio.get_running_loop(),
                tls_context=self.certificate.server if after else None,
                require_starttls=after,
                auth_required=True,
                auth_require_tls=after,
                authenticator=self._login,
            )

    def _login(self, _server: Any, _session: Any, _envelope: Any, _mechanism: str, given: Any) -> AuthResult:
        success = (given.login, given.password) == (self.user.encode(), self.password.encode())
        return AuthResult(success=success, handled=False)  # the server answers 535 itself


@asynccontextmanager
async def mail_server(guarded: Guarded | None = None) -> AsyncIterator[MailServer]:
    made = MailServer()
    loop = asyncio.get_running_loop()
    tls = guarded.certificate.server if guarded and guarded.security is MailSecurity.TLS else None
    server = await loop.create_server(
        lambda: guarded.protocol(made) if guarded else SMTP(made, hostname="mail.test", loop=loop),
        "127.0.0.1", 0, ssl=tls,
    )  # fmt: skip
    made.port = server.sockets[0].getsockname()[1]
    try:
        yield made
    finally:
        server.close()
