"""`python -m services.scheduling`."""

from services.scheduling.app import build
from shared.service import main

main(build)
