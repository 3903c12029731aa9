"""`python -m services.person`."""

from services.person.app import build
from shared.service import main

if __name__ == "__main__":
    main(build)
