"""Whom a talk could have as interpreter: who speaks a language of the participant, and who may stand in. Pure."""

from typing import NamedTuple
from uuid import UUID


class Pool(NamedTuple):
    """Interpreters who serve a municipality, seen from the languages of one participant."""

    everybody: tuple[UUID, ...] = ()
    """In the order of their ids."""
    speakers: frozenset[UUID] = frozenset()
    """Who speaks one of the languages itself."""
    substitutes: frozenset[UUID] = frozenset()
    """Who speaks what may be spoken instead of one, as interpreter told."""

    @property
    def able(self) -> frozenset[UUID]:
        return self.speakers | self.substitutes

    @property
    def by_preference(self) -> tuple[frozenset[UUID], ...]:
        """The first group of whom somebody is free counts, and no other."""
        return tuple(dict.fromkeys((self.speakers, self.able)))


NOBODY = Pool()
"""Of a talk that needs no interpreter."""
