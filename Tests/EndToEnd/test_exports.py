"""Every export, read back by somebody else's program."""

import base64
import hashlib
import io
import json
import stat
import subprocess
import zipfile

import jsonschema
import junitparser
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from frictionless import Package, validate
from harness import FIELDPROOF, ROOT, eventually
from mcap.reader import NonSeekingReader, make_reader
from securesystemslib.dsse import Envelope
from securesystemslib.exceptions import VerificationError
from securesystemslib.signer import SSlibKey

SCENARIO = """
schema: fieldproof/scenario/v1
id: lifting
version: 1.0.0
title: {en: "Lifting <b>&amp; placing", zh: 举升}
setting: real
runs: {outcomes: [success, failure]}
metrics:
  load: {series: counter, where: {device: x}, unit: "1"}
criteria:
  - {id: success-rate, statistic: proportion, outcome: success, at-least: 0.50, confidence: 0.95}
  - {id: load-mean, statistic: mean, metric: load, reduce: max, at-most: 1000, confidence: 0.95}
safety:
  - {id: e-stop, event: estop.pressed, at-most: 0, severity: critical}
completeness: {loss-at-most: 0}
"""
SCHEMA = ROOT / "Sources/Aggregation/Aggregation.docc/Resources/summary-v1.schema.json"


@pytest.fixture
def lab(site):
    """Three finished runs of one scenario, folded; the collector runs on."""
    (site.directory / "scenarios" / "lifting.yaml").write_text(SCENARIO)
    site.start()
    for number, mode in enumerate(["", "=cmd|' /C calc'!A0", 'said "no",\\n<gone>'], 1):
        site.send_line(f'run,scenario=lifting,id=r{number},subject=arm-07 event="start"')
        site.feed(range(number * 10, number * 10 + 5))
        failure = f',failure_mode="{mode}"'.replace('"no"', '\\"no\\"') if mode else ""
        site.send_line(f'run,scenario=lifting,id=r{number} event="stop",outcome="{"failure" if mode else "success"}"{failure}')
    site.wait_until_drained()
    eventually(lambda: counted(site) == 3, what="the fold")
    return site


def counted(site):
    result = site.fieldproof("report", "lifting")
    return json.loads(result.stdout)["runs"]["counted"] if result.returncode == 0 else 0


def export(site, form, *words):
    result = site.fieldproof("report", "lifting", "--format", form, *words)
    assert result.returncode == 0, result.stderr
    return result.stdout


def test_the_summary_keeps_the_schema_that_the_program_prints(lab):
    printed = lab.fieldproof_alone("schema", "summary").stdout
    assert printed == SCHEMA.read_text()
    schema = json.loads(printed)
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER)
    summary = json.loads(export(lab, "json"))
    validator.validate(summary)
    summary["period"]["from"] = "2026-02-30T00:00:00Z"
    assert not validator.is_valid(summary), "there is no 30th of February"


def test_a_build_server_reads_the_verdict_as_test_cases(lab):
    lab.send_line('event,device=arm-07 name="estop.pressed"')
    lenient = junitparser.JUnitXml.fromstring(export(lab, "junit").encode())
    (suite,) = lenient
    assert suite.name == "lifting" and suite.tests == len(list(suite))
    cases = {(case.classname, case.name): case for case in suite}
    assert set(cases) == {
        ("lifting.verdict", "verdict"),
        ("lifting.criteria", "success-rate"),
        ("lifting.criteria", "load-mean"),
        ("lifting.safety", "e-stop"),
        ("lifting.completeness", "loss-at-most"),
    }
    properties = {entry.name: entry.value for entry in suite.properties()}
    summary = json.loads(export(lab, "json"))
    assert properties["digest"] == summary["scenario"]["digest"]
    assert properties["title.en"] == "Lifting <b>&amp; placing"
    assert properties["criterion.success-rate.lower"] == str(summary["criteria"][0]["lower"])
    assert summary["criteria"][0]["verdict"] == "inconclusive"
    (skipped,) = cases["lifting.criteria", "success-rate"].result
    assert isinstance(skipped, junitparser.Skipped)
    assert f"about {summary['criteria'][0]['more_runs']} runs more" in skipped.message
    assert suite.failures == 0
    strict = lab.fieldproof("report", "lifting", "--format", "junit", "--strict")
    assert strict.returncode == 1, "the verdict is not pass"
    (suite,) = junitparser.JUnitXml.fromstring(strict.stdout.encode())
    failed = {case.name: case.result[0] for case in suite if not case.is_passed and not case.is_skipped}
    assert {"verdict", "success-rate"} <= set(failed)
    assert failed["success-rate"].type == "inconclusive"


def test_a_data_package_is_sound_and_holds_what_the_summary_says(lab):
    directory = lab.directory / "package"
    assert export(lab, "package", "--output", str(directory)) == ""
    report = validate(str(directory / "datapackage.json"))
    assert report.valid, report.flatten(["name", "message"])
    package = Package(str(directory / "datapackage.json"))
    summary = json.loads((directory / "summary.json").read_text())
    rows = package.get_resource("runs").read_rows()
    assert [row["run"] for row in rows] == [entry["run"] for entry in summary["ledger"]]
    modes = [entry["failure_mode"] for entry in summary["ledger"]]
    assert modes[1] == "=cmd|' /C calc'!A0"
    assert [row["failure_mode"] for row in rows] == [None, "'" + modes[1], modes[2]]
    lower = package.get_resource("criteria").read_rows()[0]["lower"]
    assert float(lower) == summary["criteria"][0]["lower"]
    assert not list(lab.directory.glob("package.part*"))


def test_a_data_package_comes_as_one_file_too(lab):
    path = lab.directory / "package.zip"
    export(lab, "package", "--output", str(path))
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        archive.extractall(lab.directory / "unpacked")
    assert validate(str(lab.directory / "unpacked" / "datapackage.json")).valid
    assert len(Package(str(path)).get_resource("runs").read_rows()) == 3


def test_a_package_replaces_a_package_and_nothing_else(lab):
    directory = lab.directory / "package"
    assert lab.fieldproof("report", "lifting", "--format", "package").returncode == 64
    directory.mkdir()
    export(lab, "package", "--output", f"{directory}/")
    (directory / "runs.csv").write_text("changed")
    export(lab, "package", "--output", str(directory))
    assert validate(str(directory / "datapackage.json")).valid
    (directory / "notes.txt").write_text("mine")
    refused = lab.fieldproof("report", "lifting", "--format", "package", "--output", str(directory))
    assert refused.returncode == 73 and "notes.txt" in refused.stderr
    assert (directory / "notes.txt").read_text() == "mine"
    file = lab.directory / "file"
    file.write_text("mine")
    assert lab.fieldproof("report", "lifting", "--format", "package", "--output", str(file)).returncode == 73
    assert file.read_text() == "mine"
    left = lab.directory / "other.part"
    left.mkdir()
    (left / "runs.csv.part").write_text("half of a package that was never finished")
    export(lab, "package", "--output", str(lab.directory / "other"))
    assert not left.exists()
    left.mkdir()
    for name in ("runs.csv", "notes.txt"):
        (left / name).write_text("mine")
    assert lab.fieldproof("report", "lifting", "--format", "package", "--output", str(lab.directory / "other")).returncode == 73
    assert sorted(entry.name for entry in left.iterdir()) == ["notes.txt", "runs.csv"]
    nowhere = lab.fieldproof("report", "lifting", "--format", "package", "--output", str(lab.directory / "no" / "where"))
    assert nowhere.returncode == 73


@pytest.fixture
def signing(lab):
    """The public key, made by the program; the collector's configuration names the private one."""
    path = lab.directory / "summary.key"
    made = lab.fieldproof_alone("key", "new", "--output", str(path))
    assert made.returncode == 0, made.stderr
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    lab.collector_settings["signing"] = {"key": str(path)}
    lab.write_settings()
    private = serialization.load_pem_private_key(path.read_bytes(), None)
    public = serialization.load_pem_public_key(made.stdout.encode())
    assert private.public_key() == public
    return public


def pre_authentication_encoding(kind, payload):
    return b"DSSEv1 %d %s %d %s" % (len(kind.encode()), kind.encode(), len(payload), payload)


def test_a_signed_summary_is_verified_by_others_and_a_change_is_found_out(lab, signing):
    text = export(lab, "dsse")
    envelope = Envelope.from_dict(json.loads(text))
    spki = signing.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    keyid = hashlib.sha256(spki).hexdigest()
    key = SSlibKey.from_crypto(signing, keyid=keyid)
    assert set(envelope.verify([key], 1)) == {keyid}
    assert lab.fieldproof("key", "public", "--id").stdout == keyid + "\n"
    assert serialization.load_pem_public_key(lab.fieldproof("key", "public").stdout.encode()) == signing

    document = json.loads(text)
    payload = base64.b64decode(document["payload"], validate=True)
    signature = base64.b64decode(document["signatures"][0]["sig"], validate=True)
    signing.verify(signature, pre_authentication_encoding("application/vnd.in-toto+json", payload))
    with pytest.raises(InvalidSignature):
        signing.verify(signature, pre_authentication_encoding("application/json", payload))
    statement = json.loads(payload)
    assert statement["predicate"]["verdict"] == "inconclusive"
    subjects = {subject["name"]: subject["digest"]["sha256"] for subject in statement["subject"]}
    summary = export(lab, "json")
    assert subjects["summary.json"] == hashlib.sha256(summary.encode()).hexdigest()
    assert "sha256:" + subjects["archive"] == json.loads(summary)["reproduction"]["archive"]
    assert statement["predicate"] == json.loads(summary)

    statement["predicate"]["verdict"] = "pass"
    document["payload"] = base64.b64encode(json.dumps(statement).encode()).decode()
    with pytest.raises(VerificationError):
        Envelope.from_dict(document).verify([key], 1)


def test_a_key_that_must_not_sign_is_refused_with_the_remedy(lab, signing):
    path = lab.directory / "summary.key"
    again = lab.fieldproof_alone("key", "new", "--output", str(path))
    assert again.returncode == 73 and "never replaced" in again.stderr and again.stdout == ""
    path.chmod(0o644)
    exposed = lab.fieldproof("report", "lifting", "--format", "dsse")
    assert exposed.returncode == 78 and f"chmod o= {path}" in exposed.stderr and exposed.stdout == ""
    other = rsa.generate_private_key(65537, 2048)
    path.write_bytes(
        other.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    path.chmod(0o600)
    wrong = lab.fieldproof("report", "lifting", "--format", "dsse")
    assert wrong.returncode == 78 and "Ed25519 is needed" in wrong.stderr
    path.unlink()
    assert lab.fieldproof("report", "lifting", "--format", "dsse").returncode == 78
    del lab.collector_settings["signing"]
    lab.write_settings()
    none = lab.fieldproof("report", "lifting", "--format", "dsse")
    assert none.returncode == 78 and "fieldproof key new" in none.stderr


def read_recording(path_or_bytes):
    data = path_or_bytes if isinstance(path_or_bytes, bytes) else path_or_bytes.read_bytes()
    reader = make_reader(io.BytesIO(data), validate_crcs=True)
    assert len(list(NonSeekingReader(io.BytesIO(data), validate_crcs=True).iter_messages())) == reader.get_summary().statistics.message_count
    return reader


def test_foxglove_reads_what_the_runs_recorded_while_the_collector_runs(lab):
    output = lab.directory / "runs.mcap"
    assert export(lab, "mcap", "--output", str(output)) == ""
    assert lab.collector.is_running and lab.agent.is_running
    reader = read_recording(output)
    found = reader.get_summary()
    assert found.chunk_indexes and all(index.compression == "zstd" for index in found.chunk_indexes)
    topics = {channel.topic: channel for channel in found.channels.values()}
    assert {"/runs", "/log", "/lab/box-01/counter/device_x"} <= set(topics)
    assert topics["/lab/box-01/counter/device_x"].metadata["series"] == "counter"
    messages = list(reader.iter_messages(topics=["/lab/box-01/counter/device_x"], log_time_order=True))
    assert [json.loads(message.data)["value"] for _, _, message in messages] == [
        *range(10, 15), *range(20, 25), *range(30, 35)
    ]
    times = [message.log_time for _, _, message in messages]
    assert times == sorted(times)
    summary = json.loads(export(lab, "json"))
    markers = [json.loads(message.data) for _, _, message in reader.iter_messages(topics=["/runs"])]
    assert [(m["run"], m["phase"]) for m in markers] == [(f"r{n}", phase) for n in (1, 2, 3) for phase in ("start", "stop")]
    assert markers[3]["failure_mode"] == summary["ledger"][1]["failure_mode"]
    (attachment,) = reader.iter_attachments()
    assert attachment.name == "summary.json" and json.loads(attachment.data) == summary
    (metadata,) = reader.iter_metadata()
    assert metadata.metadata["summary"] == "sha256:" + hashlib.sha256(attachment.data).hexdigest()
    assert metadata.metadata["archive"] == summary["reproduction"]["archive"]


def test_a_recording_is_of_the_runs_that_are_asked_for_and_without_a_collector_the_same(lab):
    summary = json.loads(export(lab, "json"))
    start = summary["ledger"][1]["start"]
    words = ["lifting", "--format", "mcap", "--from", start, "--to", start]
    command = [str(FIELDPROOF), "report", *words, "--config", str(lab.collector_file)]
    beside = subprocess.run(command, capture_output=True, timeout=60, check=True).stdout
    # Runs of a box that does not know the time may have been at any time, so a period leaves none of them out.
    chosen = [int(entry["run"][1:]) for entry in json.loads(export(lab, "json", "--from", start, "--to", start))["ledger"]]
    assert 2 in chosen
    messages = read_recording(beside).iter_messages(topics=["/lab/box-01/counter/device_x"])
    values = [json.loads(message.data)["value"] for _, _, message in messages]
    assert values == [number * 10 + step for number in chosen for step in range(5)]
    elsewhere = subprocess.run([*command, "--site", "elsewhere"], capture_output=True, timeout=60, check=True).stdout
    assert read_recording(elsewhere).get_summary().statistics.message_count == 0
    assert lab.agent.stop() == 0 and lab.collector.stop() == 0
    alone = subprocess.run(command, capture_output=True, timeout=60, check=True).stdout

    def telling(data):
        return [(c.topic, m.log_time, m.data) for _, c, m in read_recording(data).iter_messages()]

    assert telling(alone) == telling(beside)


def test_a_recording_that_cannot_be_made_whole_leaves_nothing_behind(lab):
    output = lab.directory / "runs.mcap"
    output.write_text("mine")
    for segment in (lab.directory / "archive").glob("*.segment"):
        segment.rename(segment.with_suffix(".away"))
    refused = lab.fieldproof("report", "lifting", "--format", "mcap", "--output", str(output))
    assert refused.returncode == 69 and "expired" in refused.stderr
    assert output.read_text() == "mine" and not list(lab.directory.glob("runs.mcap.*"))
