"""`Tools/datasets`: records the data sets of the example scenarios, and checks those that are kept."""

import argparse
import os
import pathlib
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[3]


def arguments():
    parser = argparse.ArgumentParser(prog="Tools/datasets", description=__doc__)
    parser.add_argument("scenario", nargs="*", help="ids; all without")
    parser.add_argument("--bin", metavar="DIR", type=pathlib.Path, required=True, help="where the programs are")
    parser.add_argument(
        "--output", metavar="DIR", type=pathlib.Path, default=ROOT / "Firmware-config/scenarios/data", help="where they go"
    )
    parser.add_argument("--judge", action="store_true", help="import what is kept, and write its summary anew")
    parser.add_argument("--check", action="store_true", help="import what is kept, compare, change nothing")
    return parser.parse_args()


def main():
    chosen = arguments()
    os.environ["FIELDPROOF_BIN"] = str(chosen.bin.resolve())
    # They find the programs when they are loaded.
    from . import edge_box, fall_alert, grasp_and_place
    from .recording import check, judge, record

    known = {data.SCENARIO: data for data in (grasp_and_place, fall_alert, edge_box)}
    unknown = [name for name in chosen.scenario if name not in known]
    if unknown:
        print(f"datasets: there is no '{unknown[0]}'; use one of {', '.join(known)}", file=sys.stderr)
        sys.exit(64)
    chosen.output.mkdir(exist_ok=True)
    for name in chosen.scenario or known:
        # The path of a socket is at most 107 bytes long.
        with tempfile.TemporaryDirectory(prefix="fp-") as folder:
            if chosen.check:
                check(name, chosen.output, pathlib.Path(folder))
            elif chosen.judge:
                judge(name, chosen.output, pathlib.Path(folder))
            else:
                record(known[name], chosen.output, pathlib.Path(folder))


main()
