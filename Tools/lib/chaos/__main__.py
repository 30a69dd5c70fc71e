"""`Tools/chaos`: runs faults side by side, each in a process and a folder of its own, and accounts for every sample."""

import argparse
import concurrent.futures
import ctypes
import dataclasses
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback

from .machine import Skipped, unmount_all
from .world import Account


def arguments():
    parser = argparse.ArgumentParser(
        prog="Tools/chaos",
        description="Hurts a real agent, broker and collector in every way that a site knows, and accounts for every "
        "sample. Exits with 1 when a sample came twice, or is gone without being declared lost, or does not drain.",
    )
    parser.add_argument("--list", action="store_true", help="tell the faults, and end")
    parser.add_argument("--only", metavar="NAME", action="append", default=[], help="this fault only; may be repeated")
    parser.add_argument("--long", action="store_true", help="many repetitions of each fault")
    parser.add_argument("--json", metavar="FILE", type=pathlib.Path, help="write the table as JSON as well")
    parser.add_argument(
        "--bin", metavar="DIR", type=pathlib.Path, help="where the programs are; default: the newest build"
    )
    parser.add_argument("--jobs", metavar="N", type=int, default=6, help="so many faults at a time (6): most of them wait")
    parser.add_argument("--seed", metavar="N", type=int, default=1, help="of all that is random in the faults (1)")
    parser.add_argument("--keep", metavar="DIR", type=pathlib.Path, help="keep the logs, archives and stores here")
    parser.add_argument("--worker", metavar="DIR", type=pathlib.Path, help=argparse.SUPPRESS)
    return parser.parse_args()


def work(name, folder, is_long, seed):
    """In a process of its own: one fault, from its world to its account, which goes to a file."""
    # Whoever started this is gone: so are we, and our group with us.
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    from .faults import Run, load

    run = Run(folder, is_long, f"{seed} {name}")
    account = Account()
    begin = time.monotonic()
    try:
        load()[name].inject(run)
        run.world.settle()
        run.world.judge()
        account = run.world.account
    except Skipped as reason:
        account.verdict = f"skipped: {reason}"
    except Exception as error:
        traceback.print_exc()
        if run.has_world:
            account = run.world.account
            judge_what_is_there(run.world)
        kind = "" if isinstance(error, AssertionError) else f"{type(error).__name__}: "
        account.verdict = f"FAIL: {kind}{error}"
    finally:
        run.close()
    account.seconds = round(time.monotonic() - begin, 1)
    if account.verdict == "ok":
        account.verdict = verdict(account, run.world)
    (folder / "account.json").write_text(json.dumps(dataclasses.asdict(account)))


def judge_what_is_there(world):
    """A fault that was given up may still have something to tell; what did not arrive may be pending, or lost."""
    try:
        world.close()
        world.judge()
        account = world.account
        account.notes = [f"given up with {account.silent} samples and marks that did not arrive"]
        account.silent = account.open = 0
    except Exception as error:  # noqa: BLE001  The first failure is the one to report.
        world.account.notes.append(f"the archive cannot be judged: {error}")


# A machine under load may be so late with a sync, seconds; windows here are 0.05 to 0.2 s.
PATIENCE = 5


def verdict(account, world):
    bad = [
        f"{count} {what}" for count, what in ((account.doubled, "doubled"), (account.silent, "lost silently")) if count
    ]
    if account.open and not world.may_have_open_holes:
        bad.append(f"{account.open} missing that nobody declared")
    if account.declared and world.must_not_declare:
        bad.append(f"{account.declared} given up on a disk with room")
    if account.oldest > PATIENCE:
        bad.append(f"a crash took samples of {account.oldest} s, more than a sync window")
    bad += account.broken
    if bad:
        return "FAIL: " + "; ".join(bad)
    return "ok" if account.times else "FAIL: nothing was injected"


class Runner:
    """Starts workers, a few at a time, and sweeps up behind each: its processes, its mounts, its folder."""

    def __init__(self, options, binaries):
        self.options, self.binaries = options, binaries
        self.workers = set()

    def run(self, name):
        base = tempfile.gettempdir()
        # The path of a unix socket has 107 bytes at most.
        folder = pathlib.Path(tempfile.mkdtemp(prefix="fieldproof-chaos-", dir=base if len(base) < 60 else "/tmp"))
        flags = ["--long"] if self.options.long else []
        worker = None
        try:
            with open(folder / "worker.log", "wb") as log:
                worker = subprocess.Popen(
                    [
                        sys.executable,
                        "-m",
                        "chaos",
                        "--worker",
                        folder,
                        "--only",
                        name,
                        "--seed",
                        str(self.options.seed),
                    ]
                    + flags,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                    env={**os.environ, "FIELDPROOF_BIN": str(self.binaries)},
                )
            self.workers.add(worker)
            worker.wait()
            try:
                return Account(**json.loads((folder / "account.json").read_text()))
            except (OSError, ValueError):
                last = (folder / "worker.log").read_text(errors="replace").strip().splitlines()
                return Account(verdict=f"FAIL: no account: {last[-1] if last else 'nothing said'}")
        finally:
            if worker:
                self.workers.discard(worker)
                self._end(worker)
            if self.options.keep:
                self._keep(folder, self.options.keep / name)
            unmount_all(folder)
            shutil.rmtree(folder, ignore_errors=True)

    @staticmethod
    def _end(worker):
        try:
            # The worker's own group: it is its session's leader, so nobody else can be in it.
            os.killpg(worker.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        worker.wait()

    @staticmethod
    def _keep(folder, place):
        place.mkdir(parents=True, exist_ok=True)
        for pattern in ("*.log", "account.json", "calls", "store.db*", "archive/*.segment"):
            for path in folder.rglob(pattern):
                shutil.copy(path, place)

    def stop(self):
        for worker in list(self.workers):
            worker.terminate()


HEAD = (
    "fault",
    "times",
    "accepted",
    "delivered",
    "declared",
    "open",
    "tail",
    "age",
    "doubled",
    "silent",
    "s",
    "verdict",
)
LEGEND = """\
accepted   samples that were written to the agent's socket, but for those it refused and counted
delivered  of them in the archive;  declared: declared lost by the agent
open       missing between frames, so that the collector's ledger knows of them, but declared by nobody
tail, age  gone with a crash, at the end of what the agent had taken; seconds from the first of them to the crash
doubled    values or frames that are in the archive twice;  silent: gone without any of these reasons"""


def table(accounts):
    rows = [HEAD]
    for name, each in accounts.items():
        figures = (each.times, each.accepted, each.delivered, each.declared, each.open, each.tail, each.oldest)
        figures += (each.doubled, each.silent)
        if each.verdict.startswith("skipped"):
            figures = ("",) * len(figures)
        rows.append((name, *map(str, figures), f"{each.seconds:.0f}", each.verdict))
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEAD) - 1)]
    for row in rows:
        cells = [
            row[0].ljust(widths[0]),
            *(cell.rjust(width) for cell, width in zip(row[1:-1], widths[1:], strict=True)),
        ]
        print("  ".join(cells), row[-1], sep="  ")
    print()
    print(LEGEND)


def main():
    options = arguments()
    if options.worker:
        work(options.only[0], options.worker, options.long, options.seed)
        return 0
    os.environ.setdefault("FIELDPROOF_BIN", str(options.bin or "."))
    from .faults import load

    faults = load()
    if options.list:
        for name, each in faults.items():
            print(f"{name:26} {each.about}")
        return 0
    unknown = [name for name in options.only if name not in faults]
    if unknown:
        print(f"chaos: there is no fault '{unknown[0]}'; see --list", file=sys.stderr)
        return 64
    names = options.only or list(faults)
    begin = time.monotonic()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with tempfile.TemporaryDirectory(prefix="fieldproof-chaos-bin-") as copies:
        # Copies: a build that goes on beside must not change what is tested.
        for program in ("fieldproof-agent", "fieldproof"):
            shutil.copy(options.bin / program, copies)
        runner = Runner(options, copies)
        accounts = {}
        with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
            order = sorted(names, key=lambda name: -faults[name].weight)
            futures = {pool.submit(runner.run, name): name for name in order}
            try:
                for future in concurrent.futures.as_completed(futures):
                    name = futures[future]
                    accounts[name] = future.result()
                    print(f"{len(accounts):3}/{len(names)} {name}: {accounts[name].verdict}", flush=True)
            except BaseException:
                for future in futures:
                    future.cancel()
                runner.stop()
                raise
    accounts = {name: accounts[name] for name in names}
    print()
    table(accounts)
    for name, each in accounts.items():
        for note in each.notes:
            print(f"  {name}: {note}")
    bad = [name for name, each in accounts.items() if each.verdict.startswith("FAIL")]
    skipped = [name for name, each in accounts.items() if each.verdict.startswith("skipped")]
    print(
        f"\n{len(names)} faults in {time.monotonic() - begin:.0f} s: {len(names) - len(bad) - len(skipped)} ok, "
        f"{len(bad)} failed, {len(skipped)} skipped"
    )
    if options.json:
        rows = [{"fault": name, **dataclasses.asdict(each)} for name, each in accounts.items()]
        options.json.write_text(json.dumps(rows, indent=2) + "\n")
    return 1 if bad else 0


sys.exit(main())
