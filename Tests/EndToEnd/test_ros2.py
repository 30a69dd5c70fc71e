"""The input `ros2` of the real agent beside a publisher by PyPI cyclonedds: what `sample` shows, and what it says of trouble."""

import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import threading
import time

import pytest
from harness import AGENT, Process, eventually
from watching import Watcher

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


def configured(directory, *items):
    config = directory / "agent.yaml"
    inputs = ", ".join(f"{{type: ros2, {item}}}" for item in items)
    config.write_text(
        "agent: {id: box-1, site: lab}\nmqtt: {url: mqtt://127.0.0.1:1}\n"
        f"control: {{listen: \"unix:{directory}/control.sock\"}}\nhealth: {{listen: \"unix:{directory}/health.sock\"}}\n"
        f"spool: {{path: {directory}/spool, size: 32MiB}}\ninputs: [{inputs}]\n"
    )
    return config


def sample(directory, item, *words):
    command = [AGENT, "sample", "--config", configured(directory, item), *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=30, stdin=subprocess.DEVNULL)


@pytest.fixture
def agent(tmp_path):
    """A daemon with items of `inputs`."""
    started = []

    def start(*items):
        started.append(Process("agent", [AGENT, "run", "--config", configured(tmp_path, *items)], tmp_path).start())
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


LOOPBACK = (
    '<CycloneDDS><Domain Id="any"><General><Interfaces><NetworkInterface name="lo"/></Interfaces><AllowMulticast>false</AllowMulticast></General>'
    "<Discovery><ParticipantIndex>auto</ParticipantIndex><MaxAutoParticipantIndex>100</MaxAutoParticipantIndex>"
    '<Peers><Peer Address="127.0.0.1"/></Peers></Discovery></Domain></CycloneDDS>'
)
LIAR = """
import dataclasses, os, sys, time
os.environ["CYCLONEDDS_URI"] = sys.argv[2]
from cyclonedds.core import Policy, Qos
from cyclonedds.domain import DomainParticipant
from cyclonedds.idl import IdlStruct, annotations, types
from cyclonedds.pub import DataWriter
from cyclonedds.topic import Topic

@annotations.final
@dataclasses.dataclass
class Short(IdlStruct, typename="std_msgs.msg.dds_.Float64_"):
    data: types.uint8

participant = DomainParticipant(int(sys.argv[1]))
writer = DataWriter(participant, Topic(participant, "rt/f", Short), Qos(Policy.Reliability.BestEffort))
while True:
    if writer.get_matched_subscriptions():
        writer.write(Short(1))
    time.sleep(0.05)
"""


def test_a_publisher_whose_messages_do_not_fit_their_type_costs_only_them(tmp_path, peer):
    peer("open /f std_msgs/Float64 reliable")
    domain = re.search(r"domain: (\d+)", peer.settings).group(1)
    liar = subprocess.Popen([sys.executable, "-c", LIAR, domain, LOOPBACK])
    item = f"{peer.settings}, topics: [{{topic: /f, type: std_msgs/Float64}}]"
    flood = threading.Thread(target=peer, args=['flood /f 100 20 {"data": 1.5}'])
    flood.start()
    try:
        # Losses are looked at once a second.
        shown = sample(tmp_path, item, "--count", "1000", "--seconds", "6")
    finally:
        liar.kill()
        liar.wait(10)
        flood.join()
    assert shown.returncode == 0, shown.stderr
    assert re.search(r"^! ros2: \d+ × not readable$", shown.stdout, re.MULTILINE), shown.stdout
    assert set(re.findall(r" f +(\S+)", shown.stdout)) == {"1.5"}


def test_a_network_that_is_not_there_is_told_and_waited_for(agent):
    daemon = agent("network: {interfaces: nowhere0}, topics: [{topic: /force, type: std_msgs/Float64}]")
    daemon.wait_for_log("the network cannot be used, see 'network'")
    daemon.wait_for_log("nowhere0")
    assert daemon.stop() == 0


def test_sample_says_why_a_topic_gives_nothing(tmp_path, peer):
    peer("open /type std_msgs/Float32 reliable")
    peer("open /terms std_msgs/Float64 best-effort")
    peer("open /silent std_msgs/Float64 reliable")
    topics = ", ".join(f"{{topic: /{name}, type: std_msgs/Float64, qos: {{reliability: reliable}}}}" for name in ("type", "terms", "silent"))
    shown = sample(tmp_path, f"{peer.settings}, topics: [{topics}, {{topic: /nobody, type: std_msgs/Bool}}]", "--seconds", "3")
    assert shown.returncode == 69 and shown.stdout == ""
    told = {topic: reason for reason, topic in re.findall(r'reason="([^"]+)" source="ros2 /(\w+)"', shown.stderr)}
    assert told == {
        "type": "it is published as std_msgs/Float32, not as std_msgs/Float64; change 'type'",
        "terms": "its publisher sends without repeating; set 'qos: {reliability: best-effort}'",
        "silent": "its publisher is connected, and sent nothing that can be read",
        "nobody": "nobody publishes it; check its name, 'domain' and 'network'",
    }
    assert shown.stderr.splitlines()[-1] == "nothing came within 3 s" and len(shown.stderr.splitlines()) == 5, "one line each"


@pytest.mark.takes(45)
@pytest.mark.parametrize("reliability, depth", [("best-effort", 10_000), ("best-effort", 200), ("reliable", 10_000), ("reliable", 200)])
def test_what_is_lost_is_counted_to_the_message(tmp_path, peer, reliability, depth):
    """By the numbers of the messages: the publisher knows how many it has sent, and the agent must account for each of them."""
    peer("open /f std_msgs/Float64 reliable")
    item = f"{peer.settings}, qos: {{reliability: {reliability}, depth: {depth}}}, topics: [{{topic: /f, type: std_msgs/Float64}}]"
    command = [AGENT, "sample", "--config", configured(tmp_path, item), "--count", "100000", "--seconds", "40"]
    shown, said = tmp_path / "shown", tmp_path / "said"
    with shown.open("w") as output, said.open("w") as errors:
        agent = subprocess.Popen(command, stdout=output, stderr=errors, stdin=subprocess.DEVNULL)
    try:
        # A publisher may know of a reader that does not know of it yet.
        eventually(lambda: peer('send /f {"data": 0}') or " f " in shown.read_text(), what="the first message")
        agent.send_signal(signal.SIGSTOP)
        # More than the kernel keeps for a process that does not read, and than this publisher keeps to be sent again.
        peer('flood /f 6000 3000 {"data": 1}')
        agent.send_signal(signal.SIGCONT)

        sent = 6000
        while "messages were lost on the way" not in said.read_text():
            # A message after those that are missing shows that they are, unless it finds no room either.
            assert agent.poll() is None, said.read_text()
            peer('send /f {"data": 2}')
            sent += 1
        assert agent.wait(60) == 0
    finally:
        agent.kill()
        agent.wait(10)
    text = shown.read_text()
    lost, full = (
        sum(int(count) for count in re.findall(rf"^! ros2: (\d+) × {reason}$", text, re.MULTILINE)) for reason in ("message lost", "queue full")
    )
    taken = len(re.findall(r" f +[12]\.0 1", text))
    assert lost > 1000 and taken + lost + full == sent, (taken, lost, full)
    assert depth < 10_000 or full == 0
    assert said.read_text().count("messages were lost on the way") == 1


@pytest.mark.takes(20)
def test_the_end_of_one_input_leaves_the_counts_of_another(tmp_path, agent, peer):
    peer("open /f std_msgs/Float64 reliable")
    here = f"{peer.settings}, topics: [{{topic: /f, type: std_msgs/Float64}}]"
    domain = int(re.search(r"domain: (\d+)", peer.settings).group(1))
    there = here.replace(f"domain: {domain}", f"name: other, domain: {100 - domain if domain != 50 else 49}")
    daemon = agent(here, there)
    daemon.wait_for_log("agent started")
    watcher = Watcher(f"unix:{tmp_path}/health.sock")

    def lost():
        return watcher.value("fieldproof_agent_samples_rejected_total", input="ros2", reason="message lost") or 0

    def lose_unseen():
        """More messages than the kernel keeps for a process that does not read: that they are gone is seen by the next one that comes."""
        known = lost()
        daemon.process.send_signal(signal.SIGSTOP)
        peer('flood /f 6000 3000 {"data": 1}')
        daemon.process.send_signal(signal.SIGCONT)
        # Losses are looked at once a second. The last message of a flood may find room again.
        time.sleep(2.5)
        return lost() == known

    # A participant that is not there could take nothing away.
    eventually(lambda: watcher.value("fieldproof_agent_input_up", input="other", kind="ros2") is not None, what="the other input")
    eventually(lambda: peer('send /f {"data": 0}') or watcher.value("fieldproof_agent_input_samples_total", input="ros2", kind="ros2"))
    eventually(lose_unseen, 60, "a loss that nobody has seen yet")
    known = lost()
    configured(tmp_path, here)
    daemon.process.send_signal(signal.SIGHUP)
    daemon.wait_for_log("ended=other")
    eventually(lambda: peer('send /f {"data": 2}') or lost() > known + 1000, what="what the other input's end did not take away")
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
