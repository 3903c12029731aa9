"""`python -m services.case`."""

from services.case.app import build
from shared.service import main

main(build)
