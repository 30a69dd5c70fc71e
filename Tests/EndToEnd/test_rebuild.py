"""`fieldproof rebuild` as a person meets it: a bar on a terminal, silence elsewhere, and a store that an interruption leaves as it was."""

import json
import os
import pty
import shutil
import signal
import subprocess
import time

import pytest
from harness import FIELDPROOF, ROOT

EXAMPLES = ROOT / "Firmware-config/scenarios"


@pytest.fixture
def lab(tmp_path):
    (tmp_path / "scenarios").mkdir()
    shutil.copy(EXAMPLES / "grasp-and-place.yaml", tmp_path / "scenarios")
    settings = {
        "mqtt": {"url": "mqtt://127.0.0.1:1883"},
        "archive": {"path": f"{tmp_path}/archive"},
        "store": f"sqlite:{tmp_path}/store.db",
        "scenarios": f"{tmp_path}/scenarios",
    }
    (tmp_path / "collector.yaml").write_text(json.dumps(settings))
    loaded = fieldproof(tmp_path, "import", EXAMPLES / "data/grasp-and-place.frames.zst")
    assert loaded.returncode == 0, loaded.stderr
    assert loaded.stderr == ""
    return tmp_path


def command(folder, *words):
    return [FIELDPROOF, *words, "--config", folder / "collector.yaml"]


def fieldproof(folder, *words):
    return subprocess.run(command(folder, *words), capture_output=True, text=True, timeout=120)


def report(folder):
    result = fieldproof(folder, "report", "grasp-and-place")
    assert result.returncode == 0, result.stderr
    return result.stdout


def on_a_terminal(folder, *words):
    """What a command writes to its standard error, a terminal."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(command(folder, *words), stdout=subprocess.DEVNULL, stderr=theirs) as process:
        os.close(theirs)
        shown = b""
        while True:
            try:
                part = os.read(ours, 4096)
            except OSError:
                break
            if not part:
                break
            shown += part
    os.close(ours)
    assert process.returncode == 0, shown
    return shown.decode()


def test_a_bar_is_drawn_on_a_terminal_and_taken_away(lab):
    shown = on_a_terminal(lab, "rebuild")
    assert "\rreading the archive █" in shown and "\rfolding runs █" in shown
    assert " frames" in shown and " of " in shown
    assert shown.endswith("\r\x1b[K")
    assert "\n" not in shown
    (lab / "summary.json").write_text(report(lab))
    assert "\rreading the archive █" in on_a_terminal(lab, "verify", lab / "summary.json")


def test_nothing_is_shown_where_there_is_no_terminal(lab):
    rebuilt = fieldproof(lab, "rebuild")
    assert rebuilt.returncode == 0
    assert rebuilt.stderr == ""
    assert rebuilt.stdout.endswith("runs folded\n") and rebuilt.stdout.count("\n") == 1


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_an_interrupted_rebuild_leaves_the_store_as_it_was(lab, how):
    before = report(lab)
    began = time.monotonic()
    assert fieldproof(lab, "rebuild").returncode == 0
    whole = time.monotonic() - began
    assert report(lab) == before
    interrupted = 0
    for step in range(4):
        process = subprocess.Popen(command(lab, "rebuild"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            process.wait(whole * (step + 1) / 5)
        except subprocess.TimeoutExpired:
            process.send_signal(how)
            process.wait(20)
        interrupted += process.returncode == -how
        assert report(lab) == before
    assert interrupted > 0
    assert fieldproof(lab, "rebuild").returncode == 0
    assert report(lab) == before
    if how == signal.SIGINT:
        assert not list(lab.glob("*.draft-*"))


def test_a_store_that_is_gone_is_made_again(lab):
    before = report(lab)
    for file in lab.glob("store.db*"):
        file.unlink()
    assert fieldproof(lab, "rebuild").returncode == 0
    after, kept = json.loads(report(lab)), json.loads(before)
    assert after["criteria"] == kept["criteria"] and after["ledger"] == kept["ledger"]
