"""The input `ros2` of the real agent beside a publisher by PyPI cyclonedds: what `sample` shows, and what it says of trouble."""

import json
import os
import pathlib
import subprocess
import sys
import threading
import time

import pytest
from harness import AGENT, Process

PEER = pathlib.Path(__file__).parents[1] / "InputsTests" / "Fixtures" / "ros2" / "peer.py"


@pytest.fixture
def peer():
    """A publisher in a domain of its own, and the settings that find it."""
    domain = 1 + os.getpid() % 99
    process = subprocess.Popen(
        [sys.executable, PEER, str(domain)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
    )
    assert process.stdout.readline() == "ready\n"

    def tell(words):
        process.stdin.write(words + "\n")
        assert process.stdout.readline().startswith("ok"), words

    tell.settings = f"domain: {domain}, network: {{interfaces: lo, multicast: off, peers: 127.0.0.1}}"
    yield tell
    process.stdin.close()
    process.terminate()
    process.wait(10)


def configured(directory, item):
    config = directory / "agent.yaml"
    config.write_text(
        "agent: {id: box-1, site: lab}\nmqtt: {url: mqtt://127.0.0.1:1}\n"
        f"control: {{listen: \"unix:{directory}/control.sock\"}}\n"
        f"spool: {{path: {directory}/spool, size: 32MiB}}\ninputs: [{{type: ros2, {item}}}]\n"
    )
    return config


def sample(directory, item, *words):
    command = [AGENT, "sample", "--config", configured(directory, item), *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=30, stdin=subprocess.DEVNULL)


@pytest.fixture
def agent(tmp_path):
    """A daemon with one item of `inputs`."""
    started = []

    def start(item):
        started.append(Process("agent", [AGENT, "run", "--config", configured(tmp_path, item)], tmp_path).start())
        return started[-1]

    yield start
    for process in started:
        process.close()


def test_topics_are_read(tmp_path, peer):
    peer("open /arm/joint_states sensor_msgs/JointState reliable")
    message = json.dumps({"name": ["elbow", "lift"], "position": [0.5, 0.25]})
    flood = threading.Thread(target=peer, args=[f"flood /arm/joint_states 100 100 {message}"])
    flood.start()
    shown = sample(
        tmp_path,
        f"{peer.settings}, namespace: /arm, device: arm-07, "
        "topics: [{topic: joint_states, type: sensor_msgs/JointState, prismatic: [lift]}]",
        *("--count", "20", "--format", "senml"),
    )
    flood.join()
    assert shown.returncode == 0, shown.stderr
    records = [record for line in shown.stdout.splitlines() for record in json.loads(line)]
    assert len(records) == 20 and all(abs(record["t"] - time.time()) < 60 for record in records)
    assert {(record["n"], record["u"], record["v"]) for record in records} == {
        ("lab/box-1/arm-07/joint.position/joint:elbow", "rad", 0.5),
        ("lab/box-1/arm-07/joint.position/joint:lift", "m", 0.25),
    }


def test_a_publisher_of_another_type_is_told(agent, peer):
    peer("open /force std_msgs/Float32 reliable")
    daemon = agent(f"{peer.settings}, topics: [{{topic: /force, type: std_msgs/Float64}}]")
    daemon.wait_for_log("it is published as std_msgs/Float32, not as std_msgs/Float64; change 'type'")
    assert daemon.stop() == 0


def test_a_network_that_is_not_there_is_told_and_waited_for(agent):
    daemon = agent("network: {interfaces: nowhere0}, topics: [{topic: /force, type: std_msgs/Float64}]")
    daemon.wait_for_log("the network cannot be used, see 'network'")
    daemon.wait_for_log("nowhere0")
    assert daemon.stop() == 0


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can take a library away")
def test_a_box_without_cyclone_dds_is_told_what_to_install_and_its_other_inputs_go_on(tmp_path):
    listed = subprocess.run(["/sbin/ldconfig", "-p"], capture_output=True, text=True, check=True).stdout
    libraries = {os.path.realpath(line.split()[-1]) for line in listed.splitlines() if "libddsc.so" in line}
    empty = tmp_path / "empty"
    empty.touch()
    config = configured(tmp_path, "topics: [{topic: /a, type: std_msgs/Float64}]}, {type: host")
    mounts = " && ".join(f"mount --bind {empty} {library}" for library in libraries)
    command = ["unshare", "-m", "sh", "-c", f'{mounts} && exec "$@"', "sh", AGENT, "run", "--config", config]
    agent = Process("agent", command, tmp_path).start()
    try:
        agent.wait_for_log("Cyclone DDS 0.10 is not on this box; install it")
        agent.wait_for_log("agent started")
    finally:
        agent.close()
