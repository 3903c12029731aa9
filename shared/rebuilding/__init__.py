"""Read models made again from the log, while their service goes on (ADR 0011)."""

from shared.rebuilding.read_model import ReadModel, replace_all

__all__ = ["ReadModel", "replace_all"]
