"""`python -m services.gateway_web`."""

from services.gateway_web.app import build
from shared.service import main

if __name__ == "__main__":
    main(build)
