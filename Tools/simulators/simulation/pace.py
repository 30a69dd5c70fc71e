"""Simulated time."""

import datetime
import time

UTC = datetime.timezone.utc


class Pace:
    """A clock that begins at a moment of its own and runs `speed_up` times as fast as that on the wall. Times are seconds since 1970."""

    def __init__(self, begin, speed_up, ending):
        self._ending = ending
        self._speed_up = speed_up
        self.leap(begin)

    def leap(self, moment):
        """Goes on from another moment at once, such as over a day in which nothing is simulated."""
        self._moment = moment
        self._wall = time.monotonic()

    def until(self, moment):
        """Waits for a moment; false when the simulator was asked to end."""
        wait = (moment - self._moment) / self._speed_up - (time.monotonic() - self._wall)
        return not self._ending.within(wait) if wait > 0 else not self._ending


def rfc3339(moment):
    """As zigbee2mqtt writes `last_seen` and VDA 5050 its timestamps: UTC, to the millisecond."""
    text = datetime.datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


def nanoseconds(moment):
    return int(round(moment * 1000)) * 1_000_000
