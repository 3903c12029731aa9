"""`python -m services.gateway_bot`."""

from services.gateway_bot.app import build
from shared.service import main

main(build)
