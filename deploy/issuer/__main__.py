"""`python -m deploy.issuer`."""

import sys

import uvicorn

from deploy.issuer.app import create_app
from shared.settings import Settings
from shared.telemetry import configure_logs


def main() -> None:
    settings = Settings()
    if not settings.development:
        sys.exit("The development issuer starts only with KIM_ENVIRONMENT=development: use your own issuer here.")
    configure_logs("issuer")
    app = create_app(settings)
    uvicorn.run(
        app,
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=2,
        timeout_keep_alive=30,  # as shared.service has it
    )


if __name__ == "__main__":
    main()
