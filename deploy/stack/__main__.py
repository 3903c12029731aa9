"""`python -m deploy.stack`, which is `make run`."""

import signal
import sys


def main() -> int:
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # while modules load nothing is there to be ended: just go
    from deploy.stack.command import run  # noqa: PLC0415

    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
