"""What is on disk outlives the program that wrote it: later ones read it, and earlier ones leave it alone."""

import hashlib
import json
import pathlib
import sqlite3
import struct
import subprocess
import tarfile

import pytest
from harness import AGENT, FIELDPROOF, dump_archive

FIXTURES = sorted((pathlib.Path(__file__).parent / "fixtures" / "formats").iterdir())
SECTION = 4096


@pytest.fixture(params=FIXTURES, ids=lambda path: path.name)
def written(request, site):
    """A box and a collector on copies of what a version wrote."""
    site.fixture = request.param
    site.expected = json.loads((request.param / "expected.json").read_text())
    for name in ("spool", "archive"):
        (site.directory / name).rmdir()
        with tarfile.open(request.param / f"{name}.tar.xz") as tar:
            tar.extractall(site.directory)
    (site.directory / "scenarios" / "lifting.yaml").write_text((request.param / "scenario.yaml").read_text())
    site.agent_settings["spool"] |= {"size": "32MiB", "sync": "100ms"}
    site.agent_settings["pipeline"] = [{"match": "person.*", "action": "consent", "tag": "person"}]
    site.write_settings()
    return site


def agent(site, *words):
    return subprocess.run([AGENT, *words, "--config", site.agent_file], capture_output=True, text=True, timeout=30)


def test_a_box_with_a_full_spool_is_upgraded_and_delivers_everything_once(written):
    # To a collector that has never heard of it.
    for name in ("archive", "store.db"):
        (written.directory / name).rename(written.directory / f"old-{name}")
    (written.directory / "archive").mkdir()
    told = written.expected["spool"]
    waiting = json.loads(agent(written, "spool", "status", "--json").stdout)["spool"]["pending"]
    assert {name: waiting[name]["frames"] for name in waiting} == told["frames"]
    assert {name: waiting[name]["samples"] for name in waiting} == told["samples"]

    written.start()
    assert written.mark("test.upgraded").returncode == 0
    written.wait_until_drained()
    first, last = told["numbers"]
    lost = range(told["lost_numbers"][0], told["lost_numbers"][1] + 1)
    assert written.archived_counts() == {number: 1 for number in range(first, last + 1) if number not in lost}
    # What was consented to under the version before goes on being kept; nobody has to grant it again.
    written.send_line("person.pulse,person=resident-3 value=72i")
    written.wait_until_drained()
    assert written.agent.stop() == 0 and written.collector.stop() == 0

    store = sqlite3.connect(f"file:{written.directory}/store.db?mode=ro", uri=True)
    streams = store.execute("SELECT class, epoch, archived, declared_frames, end_frames FROM stream").fetchall()
    assert {epoch for _, epoch, *_ in streams if epoch} == {1, 2, 3}
    boxes = [row for row in streams if row[4] is not None]
    ended = {(0, 1), (1, 1), (2, 1), (0, 2), (1, 2)}
    assert {(row[0], row[1]) for row in boxes} >= ended, "every stream with frames has its end"
    assert [row[3] for row in boxes if row[3]], "and the loss is declared"
    events = store.execute("SELECT name FROM event").fetchall()
    for name in ("estop.pressed", "consent.granted", "test.upgraded"):
        assert events.count((name,)) == 1, name
    dump_archive(written.directory, written.directory / "frames.bin")
    dumped = written.fieldproof_alone("decode", "--format", "csv", written.directory / "frames.bin").stdout
    assert sum("torque" in row for row in dumped.splitlines()) == told["raw"]
    assert sum("person.pulse" in row for row in dumped.splitlines()) == 21


def test_a_collector_is_upgraded_and_says_what_it_said(written):
    recorded = json.loads((written.fixture / "summary.json").read_text())
    verified = written.fieldproof("verify", written.fixture / "summary.json")
    assert verified.returncode == 0, verified.stdout + verified.stderr
    assert verified.stdout.endswith("\nverified\n")
    assert written.expected["archive"]["verified"] in verified.stdout

    def evidence():
        summary = written.summary("lifting")
        for key in ("reproduction", "generated"):
            summary.pop(key, None)
        return summary

    for key in ("reproduction", "generated"):
        recorded.pop(key, None)
    assert evidence() == recorded
    written.broker.start()
    written.start_collector()
    assert evidence() == recorded
    assert written.collector.stop() == 0
    assert written.fieldproof("rebuild").returncode == 0
    assert evidence() == recorded


# What a later version may have written. Each of these changes one number of a format and makes every checksum good again.


def crc32c(data, crc=0):
    crc ^= 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def segments(site, folder):
    return sorted((site.directory / folder).glob("*.segment"))


def used(site, folder):
    return [path for path in segments(site, folder) if path.read_bytes()[:8] == b"FPSEGLOG"]


def later_segment(site, folder):
    path = used(site, folder)[-1]
    content = bytearray(path.read_bytes())
    for at in (0, 2048):
        struct.pack_into("<H", content, at + 8, 2)
        struct.pack_into("<I", content, at + 176, crc32c(content[at : at + 176]))
    path.write_bytes(content)
    return f"{path.name}: this segment has format 2, and 1 is known"


def later_cursor(site, folder):
    path = site.directory / folder / "cursor"
    content = bytearray(path.read_bytes())
    for at in (0, 4096):
        if content[at : at + 8] == b"FPCURSOR":
            struct.pack_into("<H", content, at + 8, 2)
            struct.pack_into("<I", content, at + 152, crc32c(content[at : at + 152]))
    path.write_bytes(content)
    return "cursor: this cursor has format 2, and 1 is known"


def later_identity(site, folder):
    path = site.directory / folder / "identity"
    content = b"FPIDENT2" + path.read_bytes()[8:-4]
    path.write_bytes(content + struct.pack(">I", crc32c(content)))
    return "its identity has form 2, and 1 is known: install that version or a later one"


def later_directory(site, folder):
    path = site.directory / folder / "identity"
    content = bytearray(path.read_bytes())
    struct.pack_into(">4H", content, 32, 1, 1, 4, 0)
    struct.pack_into(">I", content, 44, crc32c(content[:44]))
    path.write_bytes(content)
    return "it has format 1, and 0 is known: install 1.4.0 or a later one"


def later_consent(site, folder):
    path = site.directory / folder / "consent"
    text = path.read_bytes().replace(b"FPCONSN1", b"FPCONSN2")[:-9]
    path.write_bytes(text + b"%08x\n" % crc32c(text))
    return "consent: has form 2, and 1 is known"


def change_record(path, start, change):
    """Gives the record whose payload begins at `start` another payload of the same length."""
    content = bytearray(path.read_bytes())
    head = start - 24
    assert content[head : head + 4] == b"FREC"
    length = struct.unpack_from("<I", content, head + 4)[0]
    payload = bytearray(content[start : start + length])
    change(payload)
    content[start : start + length] = payload
    struct.pack_into("<I", content, head + 16, crc32c(payload))
    section = max(at for at in range(0, start, SECTION) if content[at : at + 8] == b"FPSEGLOG")
    place = content[section + 24 : section + 32] + struct.pack("<Q", head)
    struct.pack_into("<I", content, head + 20, crc32c(bytes(place) + content[head : head + 20]))
    path.write_bytes(content)


def make_frame_later(payload):
    assert payload[:5] == b"\xd9\xd9\xf7\x87\x8f" and payload[5] == 1
    payload[5] = 2
    struct.pack_into(">I", payload, len(payload) - 4, crc32c(payload[:-4]))


def last_frame(path):
    return path.read_bytes().rindex(b"\xd9\xd9\xf7\x87\x8f")


def later_frame(site, folder):
    path = used(site, folder)[-1]
    change_record(path, last_frame(path), make_frame_later)
    return "later format: a newer version of"


def later_note(site, folder):
    path = next(path for path in used(site, folder) if b"FPDEFIN1" in path.read_bytes())
    start = path.read_bytes().index(b"FPDEFIN1") - 40

    def change(payload):
        assert payload[:8] == b"FPCHAIN1"
        payload[40:48] = b"FPDEFIN2"

    change_record(path, start, change)
    return "has a later format: a newer version of this program wrote it"


def later_chain(site, folder):
    path = next(path for path in used(site, folder) if b"FPDEFIN1" in path.read_bytes())
    start = path.read_bytes().index(b"FPDEFIN1") - 40
    change_record(path, start, lambda payload: payload.__setitem__(slice(0, 8), b"FPCHAIN2"))
    return "has a later format: a newer version of this program wrote it"


def later_store(site, _):
    path = site.directory / "store.db"
    with open(path, "r+b") as file:
        file.seek(60)
        file.write(struct.pack(">I", 1000))
    return "store.db: has version 1000, and 4 is known"


def state(site):
    """Every file's bytes and time."""
    return {
        str(path.relative_to(site.directory)): (hashlib.sha256(path.read_bytes()).hexdigest(), path.stat().st_mtime_ns)
        for folder in ("spool", "archive", ".")
        for path in (site.directory / folder).iterdir()
        if path.is_file() and path.suffix not in (".log", ".yaml", ".conf")
    }


def refused(site, message, *command):
    before = state(site)
    ended = subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=30)
    assert message in ended.stderr, ended.stdout + ended.stderr
    assert "install" in ended.stderr
    assert ended.returncode == 78, ended.stderr
    assert state(site) == before, "nothing is touched"


@pytest.mark.parametrize(
    "change",
    [later_segment, later_cursor, later_identity, later_directory, later_consent, later_frame],
    ids=lambda change: change.__name__.replace("_", "-"),
)
def test_an_agent_leaves_a_spool_of_a_later_version_alone(written, change):
    message = change(written, "spool")
    refused(written, message, AGENT, "run", "--config", written.agent_file)
    if change not in (later_consent, later_frame):
        for command in ("status", "verify", "dump"):
            refused(written, message, AGENT, "spool", command, "--config", written.agent_file)


@pytest.mark.parametrize(
    "change",
    [later_segment, later_cursor, later_identity, later_directory, later_frame, later_note, later_chain],
    ids=lambda change: change.__name__.replace("_", "-"),
)
def test_a_collector_leaves_an_archive_of_a_later_version_alone(written, change):
    message = change(written, "archive")
    records = change in (later_frame, later_note, later_chain)
    if records:
        # A store that is up to date asks for no record again; whoever writes later records says so in the identity.
        (written.directory / "store.db").unlink()
        sqlite3.connect(written.directory / "store.db").close()
    refused(written, message, FIELDPROOF, "verify", written.fixture / "summary.json", "--config", written.collector_file)
    before = {name: value for name, value in state(written).items() if name.startswith("archive/")}
    for command in (["collect"], ["rebuild"], ["import", written.fixture / "nothing.frames"]):
        if command[0] == "import":
            (written.directory / "nothing.frames").write_bytes(b"")
            command[1] = written.directory / "nothing.frames"
        if records:
            ended = subprocess.run([FIELDPROOF, *command, "--config", written.collector_file], capture_output=True, text=True, timeout=30)
            assert message in ended.stderr and ended.returncode == 78, ended.stderr
        else:
            refused(written, message, FIELDPROOF, *command, "--config", written.collector_file)
    assert {name: value for name, value in state(written).items() if name.startswith("archive/")} == before


def test_a_collector_leaves_a_store_of_a_later_version_alone(written):
    message = later_store(written, None)
    for command in (["collect"], ["rebuild"], ["report", "lifting"], ["run", "list"]):
        refused(written, message, FIELDPROOF, *command, "--config", written.collector_file)


def test_a_frame_of_a_later_version_is_named_by_import_and_decode(written, tmp_path):
    dumped = agent(written, "spool", "dump", "--output", tmp_path / "box.frames", "--class", "event")
    assert dumped.returncode == 0, dumped.stderr
    content = bytearray((tmp_path / "box.frames").read_bytes())
    first = content.index(b"\xd9\xd9\xf7", 3)
    frame = content[:first]
    make_frame_later(frame)
    (tmp_path / "later.frames").write_bytes(bytes(frame) + content[first:])
    imported = written.fieldproof("import", tmp_path / "later.frames")
    assert imported.returncode == 65
    assert "the frame is of a later version; upgrade this program" in imported.stdout + imported.stderr
    decoded = written.fieldproof_alone("decode", tmp_path / "later.frames")
    assert decoded.returncode == 65 and "upgrade this program" in decoded.stderr
