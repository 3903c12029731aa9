from services.interpreter.app import build
from shared.service import main

main(build)
