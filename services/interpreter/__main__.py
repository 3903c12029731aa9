import asyncio
import sys

from services.interpreter.app import build
from shared.service import main
from shared.settings import Settings

if sys.argv[1:] == ["plan"]:
    from services.interpreter.planner import show  # the solver is carried by this command alone

    sys.stdout.write(asyncio.run(show(Settings().database_url)) + "\n")
else:
    main(build)
