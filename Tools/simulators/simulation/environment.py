"""Where a simulator runs: with the packages that it needs, and until somebody ends it."""

import importlib.util
import os
import pathlib
import signal
import sys
import threading

ROOT = pathlib.Path(__file__).resolve().parents[3]


def has(package):
    return importlib.util.find_spec(package) is not None


def need(*packages):
    """Goes on in the repository's .venv where these packages are only there; ends with what to do where they are nowhere."""
    if all(map(has, packages)):
        return
    python = ROOT / ".venv/bin/python3"
    if python.exists() and os.environ.get("FIELDPROOF_SIMULATOR_VENV") is None:
        os.environ["FIELDPROOF_SIMULATOR_VENV"] = "1"
        os.execv(python, [str(python), *sys.argv])
    name, those = pathlib.Path(sys.argv[0]).name, " ".join(packages)
    sys.exit(f"{name}: not all of these are installed: {those}; run Tools/bootstrap --demo, or pip install {those}")


class Ending:
    """SIGINT and SIGTERM, as something to look at and to wait for. A second one ends the program at once."""

    def __init__(self):
        self._asked = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._take)

    def _take(self, number, _):
        if self._asked.is_set():
            os._exit(128 + number)
        self._asked.set()

    def __bool__(self):
        return self._asked.is_set()

    def within(self, seconds):
        """Waits so long, or until asked to end; true when asked."""
        return self._asked.wait(max(0.0, seconds))


def say(text):
    print(text, flush=True)
