"""Records one scenario with the real programs, and keeps what crossed the wire."""

import json
import pathlib
import shutil
import socket
import subprocess

import zstandard
from harness import AGENT, FIELDPROOF, ROOT, Broker, Process, eventually, free_port

LARGEST = 300_000
SHIM = ROOT / "Tests/EndToEnd/false_kernel_clock.c"


class Box:
    """An agent of a site, with a line input whose series have units."""

    def __init__(self, site, agent, folder, broker, units, clock=None, inputs=(), pipeline=()):
        self.folder = folder / agent
        self.folder.mkdir()
        self.settings = self.folder / "agent.yaml"
        line = {"type": "line", "listen": f"unix:{self.folder}/line", "units": units}
        self.settings.write_text(
            json.dumps(
                {
                    "agent": {"id": agent, "site": site},
                    "mqtt": {"url": f"mqtt://127.0.0.1:{broker.port}"},
                    "spool": {"path": f"{self.folder}/spool", "size": "64MiB"},
                    "publish": {"senml": "off", "state": "off"},
                    "control": {"listen": f"unix:{self.folder}/control"},
                    "inputs": [*inputs, line],
                    "pipeline": list(pipeline),
                }
            )
        )
        self.process = Process("agent", [*(clock or []), AGENT, "run", "--config", self.settings], self.folder)
        self.sent = 0

    def start(self):
        self.process.start()
        self.process.wait_for_log("connected to the broker broker=")
        eventually(lambda: (self.folder / "line").exists(), what="the line socket")

    def feed(self, lines):
        """Writes lines to the agent's socket; the time of each stands in it. Lines of `radar.track` are dropped there."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(f"{self.folder}/line")
            for begin in range(0, len(lines), 2000):
                connection.sendall("".join(f"{line}\n" for line in lines[begin : begin + 2000]).encode())
        self.sent += sum(
            1 if line.startswith(("run,", "event,")) else line.rsplit(" ", 2)[1].count("=")
            for line in lines
            if not line.startswith("radar.track")
        )

    def mark(self, *words):
        subprocess.run([AGENT, "mark", "--socket", f"{self.folder}/control", *words], check=True, capture_output=True)

    def status(self):
        result = subprocess.run(
            [AGENT, "spool", "status", "--json", "--config", self.settings], capture_output=True, text=True, check=True
        )
        return json.loads(result.stdout)

    def finish(self):
        """Until everything fed is taken and acknowledged; then the agent says its last word."""

        def drained():
            status = self.status()
            waiting = sum(lane["frames"] for lane in status["spool"]["pending"].values())
            return status["accepted"] >= self.sent and waiting == 0

        eventually(drained, 120, "the drain of the spool")
        if "dropped" in self.process.log or "rejected" in self.process.log:
            raise AssertionError(self.process.log)
        assert self.process.stop() == 0, self.process.log


class Session:
    """A broker, a collector of one scenario, and somebody who listens to the wire."""

    def __init__(self, scenario, folder):
        self.scenario = scenario
        self.folder = folder
        (folder / "scenarios").mkdir()
        shutil.copy(ROOT / f"Firmware-config/scenarios/{scenario}.yaml", folder / "scenarios")
        self.broker = Broker(folder, ["max_queued_messages 100000"])
        self.settings = collector_settings(folder, self.broker.port)
        self.collector = Process("collector", [FIELDPROOF, "collect", "--config", self.settings], folder)
        topics = "fieldproof/v1/+/+/up/#"
        self.wire = Process(
            "wire", ["mosquitto_sub", "-p", self.broker.port, "-V", "5", "-q", "1", "-t", topics, "-F", "%x"], folder
        )
        self.boxes = []
        self.clock = None

    def __enter__(self):
        self.broker.start()
        self.wire.start()
        self.collector.start()
        self.collector.wait_for_log("connected to the broker broker=")
        return self

    def __exit__(self, *_):
        for process in [box.process for box in self.boxes] + [self.collector, self.wire, self.broker]:
            process.close()

    def simulate_clock(self, microseconds):
        """Boxes from now on have a clock that is synchronised, to within so much: a simulated site has no other."""
        library = self.folder / "clock.so"
        subprocess.run(["gcc", "-shared", "-fPIC", "-O1", "-o", library, SHIM], check=True)
        said = self.folder / "clock"
        said.write_text(f"{microseconds}\n")
        self.clock = ["env", f"LD_PRELOAD={library}", f"FALSE_KERNEL_CLOCK={said}"]

    def box(self, site, agent, units, inputs=(), pipeline=()):
        box = Box(site, agent, self.folder, self.broker, units, self.clock, inputs, pipeline)
        self.boxes.append(box)
        box.start()
        return box

    def frames(self):
        """What the boxes have published, each frame once, in the order in which it came."""
        return list(dict.fromkeys(bytes.fromhex(line) for line in self.wire.log.split()))


def collector_settings(folder, port):
    settings = folder / "collector.yaml"
    settings.write_text(
        json.dumps(
            {
                "mqtt": {"url": f"mqtt://127.0.0.1:{port}"},
                "archive": {"path": f"{folder}/archive"},
                "store": f"sqlite:{folder}/store.db",
                "scenarios": f"{folder}/scenarios",
            }
        )
    )
    return settings


def fieldproof(settings, *words):
    result = subprocess.run([FIELDPROOF, *words, "--config", settings], capture_output=True, text=True)
    assert result.returncode == 0, f"{words}: {result.stdout}{result.stderr}"
    return result.stdout


def summary(settings, scenario):
    """The summary but for what made it."""
    summary = json.loads(fieldproof(settings, "report", scenario, "--format", "json"))
    del summary["reproduction"]["software"]
    return summary


def imported(scenario, frames, folder):
    """The summary that a clean collector gives of a file of frames."""
    folder.mkdir()
    (folder / "scenarios").mkdir()
    shutil.copy(ROOT / f"Firmware-config/scenarios/{scenario}.yaml", folder / "scenarios")
    settings = collector_settings(folder, free_port())
    fieldproof(settings, "import", str(frames))
    return summary(settings, scenario)


def record(data, output, folder):
    scenario = data.SCENARIO
    with Session(scenario, folder) as session:
        data.record(session)
        for box in session.boxes:
            box.finish()
        assert session.collector.stop() == 0, session.collector.log
        live = summary(session.settings, scenario)
        frames = session.frames()
    file = output / f"{scenario}.frames.zst"
    file.write_bytes(zstandard.ZstdCompressor(level=19).compress(b"".join(frames)))
    kept = imported(scenario, file, folder / "again")
    # A frame that came twice says something of the network of that hour, and is not in the file.
    live["completeness"]["duplicates"] = 0
    assert kept == live, "what was imported says another thing than what was delivered"
    size = file.stat().st_size
    assert size <= LARGEST, f"{file} has {size} bytes, more than {LARGEST}"
    (output / f"{scenario}.summary.json").write_text(json.dumps(kept, indent=2, ensure_ascii=False) + "\n")
    samples = kept["completeness"]["delivered"]
    print(f"{scenario}: {kept['verdict']}, {kept['runs']['total']} runs, {samples} samples, {size} bytes")
    print(f"  {kept['reason']}")


def judge(scenario, output, folder):
    """Writes the summary of what is kept anew: a new version of the programs may say more."""
    kept = imported(scenario, output / f"{scenario}.frames.zst", folder / "again")
    (output / f"{scenario}.summary.json").write_text(json.dumps(kept, indent=2, ensure_ascii=False) + "\n")
    print(f"{scenario}: {kept['verdict']}")


def check(scenario, output, folder):
    kept = json.loads((output / f"{scenario}.summary.json").read_text())
    assert imported(scenario, output / f"{scenario}.frames.zst", folder / "again") == kept, f"{scenario}: other than kept"
    print(f"{scenario}: as kept")
