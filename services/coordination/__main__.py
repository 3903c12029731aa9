from services.coordination.app import build
from shared.service import main

main(build)
