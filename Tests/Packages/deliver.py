#!/usr/bin/env python3
"""Has an agent deliver samples to a collector through a broker, and counts what is in the archive.

    FIELDPROOF_BIN=FOLDER Tests/Packages/deliver.py COUNT

FOLDER has both programs, or scripts that call them. Every number from 1 to COUNT goes once to the agent's socket for lines, and must
be in the archive once, by the archive's own bytes. PYTHONPATH: Tools/lib and Tests/EndToEnd.
"""

import pathlib
import sys
import tempfile
import time

from chaos.world import World


def main():
    count = int(sys.argv[1])
    with tempfile.TemporaryDirectory(prefix="fp-") as folder:
        world = World(pathlib.Path(folder), size="64MiB", sync="1s", rate=20_000)
        try:
            begin = time.monotonic()
            world.agent.feed.more(count, seconds=300)
            world.settle(seconds=300)
            seconds = time.monotonic() - begin
            content = world.judge()
        except AssertionError as problem:
            print(f"  {problem}", file=sys.stderr)
            for log in sorted(pathlib.Path(folder).glob("*.log")):
                print(f"--- last lines of {log.name}", *log.read_text().splitlines()[-10:], sep="\n", file=sys.stderr)
            sys.exit(1)
        finally:
            for thing in (world.agent, world.collector, world.broker):
                thing.close()
    account = world.account
    # Settling feeds a few more, to see that fresh ones pass.
    fed = account.accepted
    missing = [number for number in range(1, count + 1) if content.numbers[number] != 1]
    print(
        f"  {fed} samples fed, {account.delivered} delivered, {account.doubled} twice, {account.silent} lost silently, "
        f"{account.declared} declared lost, in {seconds:.0f} s"
    )
    for problem in account.broken + account.notes:
        print(f"  {problem}", file=sys.stderr)
    good = fed >= count and account.delivered == fed and not missing
    good = good and not (account.doubled or account.silent or account.declared or account.broken)
    sys.exit(0 if good else 1)


main()
