"""The inputs mqtt, statsd and prometheus, each with a program at the other end that is not our code: paho-mqtt and mosquitto, the clients statsd and
prometheus-client, Debian's prometheus-node-exporter.
"""

import json
import shutil
import socket
import subprocess
import threading

import paho.mqtt.client as mqtt
import prometheus_client
import pytest
import statsd
from harness import AGENT, FIELDPROOF, ROOT, Process, dump_archive, eventually, free_port

FIXTURES = ROOT / "Tests" / "InputsTests" / "Fixtures" / "mqtt"


class Sample(Process):
    """`fieldproof-agent sample`: one look at what an input gives, as line protocol."""

    def __init__(self, site, input_settings, count, seconds=30):
        site.agent_settings["inputs"] = [input_settings]
        site.write_settings()
        command = [AGENT, "sample", "--config", site.agent_file, "--format", "line", "--count", count, "--seconds", seconds]
        super().__init__("sample", command, site.directory)
        site.open.append(self)
        self.start()

    @property
    def lines(self):
        """Series key and value of each sample."""
        pairs = (line.rsplit(" ", 2) for line in self.log.splitlines() if " value=" in line)
        return [(key, value.removeprefix("value=")) for key, value, _ in pairs]

    def keys(self):
        return {key for key, _ in self.lines}


def recorded(preset):
    """The messages of a preset: topic, payload, whether it is retained."""
    for line in (FIXTURES / preset / "messages.txt").read_text().splitlines():
        if line.startswith("#"):
            continue
        retained = line.startswith("* ")
        line = line.removeprefix("* ")
        # The last level of a topic is one word.
        cut = line.rfind("/", 0, len(line.split("{")[0]))
        topic_end = line.find(" ", cut)
        topic, payload = (line, "") if topic_end < 0 else (line[:topic_end], line[topic_end + 1 :])
        yield topic, payload, retained


def publisher(site):
    client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv5)
    client.connect("127.0.0.1", site.broker.port)
    client.loop_start()
    return client


@pytest.mark.parametrize(
    "preset, base, expected",
    [
        ("zigbee2mqtt", None, "temperature,device=living-room-climate"),
        ("tasmota", None, "temperature,device=greenhouse,sensor=bme280"),
        ("esphome", "livingroom", "living_room_temperature,device=livingroom"),
        ("homeassistant", None, "temperature,device=bedroom,entity=sensorbedroomt"),
        ("vda5050-v2", None, "agv.battery.charge,device=acme-r-7"),
        ("vda5050-v3", None, "agv.battery.charge,device=acme-r-7"),
    ],
)
def test_recorded_shapes_of_each_preset_come_through_a_broker(site, preset, base, expected):
    site.broker.start()
    rule = {"preset": preset.split("-")[0]} | ({"base": base} if base else {})
    url = f"mqtt://127.0.0.1:{site.broker.port}"
    sample = Sample(site, {"type": "mqtt", "url": url, "presets": [rule]}, count=1000)
    client = publisher(site)

    def heard():
        # Until the subscription stands; and discovery needs a second round for its own.
        for topic, payload, retained in recorded(preset):
            client.publish(topic, payload, qos=1, retain=retained).wait_for_publish(10)
        return expected in sample.keys()

    eventually(heard, what=f"{expected} of {preset}: {sample.log[-2000:]}")
    assert sample.is_running
    client.disconnect()
    client.loop_stop()


def test_what_a_device_publishes_reaches_the_archive(site):
    site.agent_settings["inputs"].append(
        {
            "type": "mqtt",
            "url": f"mqtt://127.0.0.1:{site.broker.port}",
            "topics": [
                {
                    "topic": "cells/{device}/state",
                    "format": {"type": "json", "fields": {"cell.voltage": {"pointer": "/power/voltage", "unit": "V"}}},
                },
                {"topic": "doors/{device}/opened", "event": "door.opened"},
            ],
        }
    )
    site.start()
    client = publisher(site)

    def heard():
        client.publish("doors/north/opened", json.dumps({"by": "badge"}), qos=1).wait_for_publish(10)
        return site.collector_events("door.opened") > 0

    eventually(heard, what="the event in the collector's store")
    for number in range(20):
        client.publish("cells/Cell 7/state", json.dumps({"power": {"voltage": 3 + number / 64}}), qos=1).wait_for_publish(10)
    site.wait_until_drained()
    frames = site.directory / "frames.bin"
    dump_archive(site.directory, frames)
    rows = subprocess.run([FIELDPROOF, "decode", "--format", "csv", frames], capture_output=True, text=True, timeout=60).stdout
    voltages = [row for row in rows.splitlines() if "cell.voltage,device=cell-7" in row]
    assert len(voltages) == 20
    assert any("3.296875" in row for row in voltages)
    client.disconnect()
    client.loop_stop()


def test_statsd_client(site):
    port = free_port()
    sample = Sample(site, {"type": "statsd", "listen": f"udp:127.0.0.1:{port}", "every": "300ms"}, count=1000)
    client = statsd.StatsClient("127.0.0.1", port, prefix="app")

    def heard():
        client.incr("requests", 3)
        client.gauge("queue", 7)
        client.gauge("queue", -2, delta=True)
        client.timing("latency", 12.5)
        client.set("users", "alice")
        with client.pipeline() as pipeline:
            pipeline.incr("requests")
            pipeline.timing("latency", 20)
        return {"app.requests", "app.queue", "app.latency.p95", "app.latency.count", "app.users"} <= sample.keys()

    eventually(heard, what="all series of the client")
    values = dict(sample.lines)
    assert int(values["app.requests"].removesuffix("i")) % 4 == 0
    assert values["app.queue"] == "5.0"
    assert values["app.users"] == "1i"
    assert 12.5 <= float(values["app.latency.mean"]) <= 20
    assert "bad metric" not in sample.log


def test_prometheus_client(site):
    registry = prometheus_client.CollectorRegistry()
    prometheus_client.Counter("jobs", "done", ["kind"], registry=registry).labels("a b").inc(3)
    prometheus_client.Gauge("oven_celsius", "hot", registry=registry).set(181.5)
    prometheus_client.Histogram("wait_seconds", "long", registry=registry, buckets=(0.5, 1)).observe(0.75)
    server, thread = prometheus_client.start_http_server(0, addr="127.0.0.1", registry=registry)
    try:
        url = f"http://127.0.0.1:{server.server_port}/metrics"
        sample = Sample(site, {"type": "prometheus", "url": url, "every": "200ms"}, count=30)
        assert sample.process.wait(30) == 0
        values = dict(sample.lines)
        assert values["jobs_total,kind=a\\ b"] == "3i"
        assert values["oven_celsius"] == "181.5"
        assert values["wait_seconds_bucket,le=0.5"] == "0i"
        assert values["wait_seconds_bucket,le=1.0"] == "1i"
        assert values["wait_seconds_sum"] == "0.75"
        assert values[f"up,instance=127.0.0.1:{server.server_port}"] == "true"
    finally:
        server.shutdown()
        thread.join()


def test_node_exporter(site):
    program = shutil.which("prometheus-node-exporter")
    assert program, "prometheus-node-exporter is not installed; run Tools/bootstrap"
    port = free_port()
    exporter = Process("exporter", [program, f"--web.listen-address=127.0.0.1:{port}"], site.directory).start()
    site.open.append(exporter)
    eventually(lambda: not socket.socket().connect_ex(("127.0.0.1", port)), what="the exporter's start")
    settings = {"type": "prometheus", "url": f"http://localhost:{port}", "every": "1s", "match": ["node_memory_*", "node_load1"]}
    sample = Sample(site, settings, count=200)
    eventually(lambda: f"up,instance=localhost:{port}" in sample.keys(), what="a scrape")
    values = dict(sample.lines)
    with open("/proc/meminfo", encoding="ascii") as file:
        total = next(int(line.split()[1]) for line in file if line.startswith("MemTotal:")) * 1024
    assert float(values["node_memory_memtotal_bytes"]) == total
    assert values[f"up,instance=localhost:{port}"] == "true"
    assert all(key.split(",")[0] in ("up", "node_load1") or key.startswith(("node_memory_", "scrape.")) for key in values)
    assert "bad line" not in sample.log


def test_hostile_http_server_does_not_hold_the_agent(site):
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]

    def drip():
        try:
            connection, _ = listener.accept()
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n")
            connection.recv(65536)
            connection.recv(1)
        except OSError:
            pass

    threading.Thread(target=drip, daemon=True).start()
    settings = {"type": "prometheus", "url": f"http://127.0.0.1:{port}", "every": "10s", "timeout": "300ms"}
    sample = Sample(site, settings, count=1)
    assert sample.process.wait(20) == 0
    assert sample.lines == [(f"up,instance=127.0.0.1:{port}", "false")]
    listener.close()
