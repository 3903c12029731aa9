"""Makes `.venv` with nothing but Python: `python3 deploy/environment.py runtime|dev`. Standard library only.

The environment is made anew when the requirements' hash differs from the one it was made with; one for the run time
is added to for development, and then serves both. The mark is written last, so what a killed installation left is
made anew as well.
"""

import hashlib
import os
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).parents[1]
VENV = Path(os.environ.get("KIM_VENV", ROOT / ".venv"))
MARK = VENV / "requirements.sha256"


def wanted(kind: str) -> str:
    content = (ROOT / "requirements" / f"{kind}.txt").read_bytes()
    return f"{kind} {sys.version_info[0]}.{sys.version_info[1]} {hashlib.sha256(content).hexdigest()}"


def is_made(kind: str) -> bool:
    made = MARK.read_text() if MARK.exists() else ""
    return made in (wanted(kind), wanted("dev"))


def make(kind: str) -> None:
    """Raises subprocess.CalledProcessError or OSError."""
    print(f"Installing Python packages into {VENV.name} (once, about a minute) ...", flush=True)
    if not is_made("runtime"):
        venv.create(VENV, clear=True, with_pip=True)
    requirements = ROOT / "requirements" / f"{kind}.txt"
    pip = [str(VENV / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", "--quiet"]
    subprocess.run([*pip, "install", "--require-hashes", "--only-binary", ":all:", "-r", str(requirements)], check=True)
    MARK.write_text(wanted(kind))


def main() -> None:
    kind = sys.argv[1]
    if sys.version_info < (3, 11):  # noqa: UP036 - it is run by whatever Python there is
        sys.exit(f"KIM needs Python 3.11 or newer, this is {sys.version.split()[0]}: say `make PYTHON=python3.12 ...`.")
    if is_made(kind):
        return
    try:
        make(kind)
    except subprocess.CalledProcessError as error:
        if "ensurepip" in str(error.cmd):
            sys.exit("This Python has no pip of its own: install the package python3-venv and try again.")
        sys.exit("The packages could not be installed (see above): connect the network, free some disk, and try again.")
    except KeyboardInterrupt:
        sys.exit("Interrupted: the next `make` installs the packages anew.")
    except OSError as error:
        sys.exit(f"{VENV} could not be made ({error.strerror}): correct its rights or free some disk, and try again.")


if __name__ == "__main__":
    main()
