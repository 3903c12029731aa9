"""HTTP of the gateway: nothing but its health, which every service has. People come in through Telegram."""

from shared.idempotency import Router

router = Router()
