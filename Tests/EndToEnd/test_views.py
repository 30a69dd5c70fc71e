"""What people and other programs see beside frames: SenML, state, meta, and decoded frames."""

import json
import re
import subprocess

import cbor2
from harness import FIELDPROOF, eventually


def resolve(pack):
    """Resolved records of a SenML pack, RFC 8428, section 4.6."""
    base = {}
    records = []
    for record in pack:
        base.update({key: value for key, value in record.items() if key.startswith("b")})
        name = base.get("bn", "") + record.get("n", "")
        assert re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9\-:./_]*", name), name
        assert not any(label.endswith("_") for label in record), "labels ending in '_' must be understood"
        values = [key for key in ("v", "vs", "vb", "vd") if key in record]
        assert len(values) <= 1
        time = base.get("bt", 0) + record.get("t", 0)
        assert time == 0 or time > 2**28, "relative times are not sent"
        value = record[values[0]] if values else None
        records.append({"name": name, "unit": record.get("u", base.get("bu")), "value": value, "time": time})
    return records


def test_host_metrics_are_readable_and_are_those_of_the_kernel(site):
    site.agent_settings["inputs"].append({"type": "host", "every": "500ms"})
    site.start()
    subscriber = site.subscriber()
    records = eventually(
        lambda: [r for pack in subscriber.payloads("/senml") for r in resolve(json.loads(pack)) if "memory.total" in r["name"]]
    )
    with open("/proc/meminfo", encoding="ascii") as file:
        total = next(int(line.split()[1]) for line in file if line.startswith("MemTotal:")) * 1024
    assert records[0] == {"name": "lab/box-01/box-01/memory.total", "unit": "B", "value": total, "time": records[0]["time"]}
    meta = json.loads(eventually(lambda: subscriber.payloads("/meta"))[-1])
    assert meta["agent"] == "box-01" and len(meta["install"]) == 32
    named = {series["senml"]: series for series in meta["series"]}
    assert named["box-01/memory.total"]["unit"] == "By"
    state = json.loads(eventually(lambda: subscriber.payloads("/state/box-01"))[-1])
    assert state["memory.total"] == total
    with open("/proc/uptime", encoding="ascii") as file:
        uptime = float(file.read().split()[0])
    assert abs(state["uptime"] - uptime) < 30


def test_awkward_values_and_tags_survive_every_view(site):
    site.start()
    subscriber = site.subscriber()
    site.send_line(r'room.air,device=care-room,place=bed\ 2\,\ left state="door open",humidity=41.25,alarm=true')
    site.send_line('room.air,device=care-room note="a \\"quoted\\" word",count=9223372036854775807i')
    records = eventually(lambda: found(subscriber, 5))
    values = {record["name"].split("/")[3]: record["value"] for record in records}
    assert values["room.air.humidity"] == 41.25
    assert values["room.air.alarm"] is True
    assert values["room.air.note"] == 'a "quoted" word'
    assert values["room.air.count"] == 9223372036854775807


def found(subscriber, count):
    records = [r for pack in subscriber.payloads("/senml") for r in resolve(json.loads(pack))]
    return records if len(records) >= count else None


def test_frames_are_cbor_and_decode_says_what_is_in_them(site):
    subscriber_topics = "fieldproof/v1/lab/box-01/up/#"
    site.write_settings()
    site.broker.start()
    subscriber = site.subscriber(subscriber_topics)
    site.start_collector()
    site.start_agent()
    site.feed(range(1, 501))
    site.wait_until_drained()
    frames = list(dict.fromkeys(subscriber.frames))
    assert frames and all(isinstance(cbor2.loads(frame), (list, cbor2.CBORTag)) for frame in frames)
    frames.sort(key=lambda frame: b"counter" not in frame)
    binary = site.directory / "frames.bin"
    binary.write_bytes(b"".join(frames))
    hexadecimal = "\n".join(frame.hex() for frame in frames) + "\n"
    for form, pattern in [("csv", r',(\d+),1,$'), ("line", r" value=(\d+)i "), ("senml", r'"v":(\d+)')]:
        listing = subprocess.run([FIELDPROOF, "decode", "--format", form, binary], capture_output=True, text=True, timeout=30)
        assert listing.returncode == 0, listing.stderr
        piped = subprocess.run(
            [FIELDPROOF, "decode", "--format", form], input=hexadecimal, capture_output=True, text=True, timeout=30
        )
        assert piped.stdout == listing.stdout
        numbers = [int(number) for number in re.findall(pattern, listing.stdout, re.MULTILINE)]
        assert sorted(numbers) == list(range(1, 501)), form
    cut = subprocess.run([FIELDPROOF, "decode"], input=hexadecimal[:-9], capture_output=True, text=True, timeout=30)
    assert cut.returncode == 65
