"""The list of faults. A fault is a function that makes a world, hurts it and heals it; its caller judges."""

import dataclasses
import importlib
import pkgutil
import random
from collections.abc import Callable

from ..world import World

FAULTS = {}


@dataclasses.dataclass
class Fault:
    name: str
    about: str
    inject: Callable
    # Seconds that the short form takes, roughly: long ones are started first.
    weight: int


def fault(name, about, weight=15):
    def register(inject):
        FAULTS[name] = Fault(name, about, inject, weight)
        return inject

    return register


class Run:
    """One run of a fault in a folder of its own."""

    def __init__(self, folder, is_long, seed):
        self.folder, self.is_long = folder, is_long
        self.random = random.Random(seed)
        self._world = None
        self._cleanups = []

    @property
    def has_world(self):
        return self._world is not None

    @property
    def world(self):
        return self._world

    def make_world(self, **options):
        self._world = World(self.folder, **options)
        return self._world

    def count(self, short, long):
        return long if self.is_long else short

    def later(self, cleanup):
        """Calls `cleanup` when all programs have ended, whatever happens."""
        self._cleanups.append(cleanup)

    def close(self):
        if self._world:
            self._world.close()
        for cleanup in reversed(self._cleanups):
            cleanup()


def load():
    """Every fault there is, by name; each module of this package registers its own."""
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")
    return FAULTS
