"""The person service: the vault."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path

from fastapi import FastAPI

from services.person import commands, expiring, keys, messages, retention, rotation, second_factor, store_erasures
from services.person.api import router
from services.person.handover import Handover
from services.person.holders import Holders
from services.person.intake import Intake
from services.person.mail import Smtp
from services.person.notices import Notifying
from services.person.offer_links import OfferLinks
from services.person.reactions import REACTIONS, RESPONSIBILITIES, remind
from services.person.receipts import Receipts
from services.person.sending import Sending
from services.person.vault import Vault
from shared import erasure
from shared.auth import ServiceToken
from shared.contracts.scheduling import ReminderDue
from shared.database import Connection
from shared.ledger import Ledger
from shared.service import Command, Deadline, Loop, Service
from shared.settings import Settings

SCHEMA = Path(__file__).parent / "schema"


def build(settings: Settings) -> Service:
    """The master key is not read before the application starts. Raises RetentionUnreadable."""
    vault, segment = Vault(settings), timedelta(milliseconds=settings.segment_ms)
    token = ServiceToken("person", settings)
    intake, holders = Intake(settings.intake_url, token), Holders(settings, token)
    links = OfferLinks(settings.interpreter_url, token)
    mail, periods = Smtp.of(settings), retention.read(settings.retention_file)
    return Service(
        name="person",
        router=router,
        schema=SCHEMA,
        reactions={**REACTIONS, ReminderDue: partial(remind, vault=vault)},
        read_models=[RESPONSIBILITIES],
        commands=[
            Command("rotate-master-key", "wrap every key by the newest master key, while it runs", rotation.command)
        ],
        deadlines=[
            Deadline("rotate sealing keys", 3600, partial(keys.rotate, vault=vault)),
            Deadline("destroy old sealing keys", 3600, keys.destroy_old),
            Deadline("forget codes", 60, second_factor.forget_old),
            Deadline("give up late messages", 5, messages.give_up_late),
            Deadline("counselling consented to no more", 5, expiring.end_counselling),
            Deadline("retention", 3600, partial(expiring.expire, periods=periods, segment=segment)),
        ],
        loops=[
            Loop("hand-over", 0.5, Handover(vault, intake).run),
            *([Loop("messages", 1.0, Sending(vault, mail).run)] if mail else []),
            *([Loop("offer notices", 1.0, _notifying(vault, mail, links, settings).run)] if mail else []),
            Loop("receipts", 1.0, Receipts(settings.kafka_bootstrap_servers, Ledger(settings.ledger_dir), segment).run),
        ],
        restore=partial(_restore, segment),
        on_start=partial(_life, vault, intake, holders, links),
    )


def _notifying(vault: Vault, mail: Smtp, links: OfferLinks, settings: Settings) -> Notifying:
    return Notifying(vault, mail, links, settings.web_url, settings.telegram_bot)


async def _restore(segment: timedelta, conn: Connection, ledger: Ledger) -> int:
    """Those who come back with a restore are erased again, here and everywhere."""
    return await erasure.restore(conn, ledger, store_erasures.known, partial(commands.erase_restored, segment=segment))


@asynccontextmanager
async def _life(vault: Vault, intake: Intake, holders: Holders, links: OfferLinks, app: FastAPI) -> AsyncIterator[None]:
    """Raises SecretUnusable before anything else is started."""
    vault.open()
    app.state.vault, app.state.holders = vault, holders
    async with intake.client, holders.client, links.client:
        yield
