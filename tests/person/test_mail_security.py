"""Mail leaves protected and logged in, or not at all: STARTTLS (RFC 3207), and TLS from the start (RFC 8314)."""

from dataclasses import replace
from pathlib import Path

import pytest

from services.person.mail import MailAway, Smtp
from services.person.messages import Letter
from shared.ids import new_id
from shared.settings import MailSecurity
from tests.person.certificates import Certificate
from tests.person.mail_server import Guarded, mail_server

LETTER = Letter(to="kanarienvogel@example.org", subject="s", text="t")
USER, PASSWORD = "kim", "canary"
BOTH = pytest.mark.parametrize("security", [MailSecurity.STARTTLS, MailSecurity.TLS])


@pytest.fixture
def certificate(tmp_path: Path) -> Certificate:
    return Certificate.of("localhost", tmp_path)


def smtp(port: int, guarded: Guarded) -> Smtp:
    return Smtp(
        "localhost", port, guarded.security, "kim@kreis.example", guarded.user, guarded.password,
        guarded.certificate.client,
    )  # fmt: skip


@BOTH
async def test_a_mail_goes_through_tls_after_the_login(certificate: Certificate, security: MailSecurity) -> None:
    guarded = Guarded(certificate, security, USER, PASSWORD)
    async with mail_server(guarded) as post_office:
        await smtp(post_office.port, guarded).send(LETTER, new_id())
        [mail] = post_office.mails
    assert mail["to"] == LETTER.to


@BOTH
@pytest.mark.parametrize("password", ["wrong", ""])
async def test_with_a_wrong_password_or_none_no_mail_leaves_and_none_is_given_up(
    certificate: Certificate, security: MailSecurity, password: str
) -> None:
    guarded = Guarded(certificate, security, USER, PASSWORD)
    async with mail_server(guarded) as post_office:
        wrong = replace(smtp(post_office.port, guarded), password=password, user=USER if password else "")
        with pytest.raises(MailAway):
            await wrong.send(LETTER, new_id())
        assert post_office.mails == []


@BOTH
@pytest.mark.parametrize("theirs", ["another authority", "another name"])
async def test_a_server_that_is_not_the_one_it_says_gets_neither_password_nor_mail(
    certificate: Certificate, security: MailSecurity, theirs: str, tmp_path: Path
) -> None:
    (tmp_path / "other").mkdir()
    other = Certificate.of("mail.example", tmp_path / "other")
    served, trusted = (certificate, other) if theirs == "another authority" else (other, other)
    guarded = Guarded(served, security, USER, PASSWORD)
    async with mail_server(guarded) as post_office:
        with pytest.raises(MailAway):
            await replace(smtp(post_office.port, guarded), tls=trusted.client).send(LETTER, new_id())
        assert post_office.mails == []


async def test_a_server_without_tls_gets_neither_password_nor_mail(certificate: Certificate) -> None:
    async with mail_server() as post_office:
        for security in (MailSecurity.STARTTLS, MailSecurity.TLS):
            guarded = Guarded(certificate, security, USER, PASSWORD)
            with pytest.raises(MailAway):
                await smtp(post_office.port, guarded).send(LETTER, new_id())
        assert post_office.mails == []
