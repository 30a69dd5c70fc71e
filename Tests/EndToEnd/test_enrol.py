"""`fieldproof enrol`, with openssl and tar as those who must understand what it makes."""

import datetime
import json
import os
import shutil
import signal
import stat
import subprocess

import pytest
from harness import AGENT, FIELDPROOF, Process
from trust import Authority, openssl, run


@pytest.fixture
def authority(tmp_path):
    return Authority(tmp_path / "ca")


def text_of(path):
    return openssl("x509", "-in", path, "-noout", "-text")


def mode(path):
    return stat.S_IMODE(os.stat(path).st_mode)


def test_openssl_verifies_what_a_site_issues(authority):
    ca = authority.directory / "ca.pem"
    assert "CA:TRUE, pathlen:0" in text_of(ca) and "Certificate Sign, CRL Sign" in text_of(ca)
    assert mode(authority.directory / "ca.key") == 0o600 and mode(authority.directory) == 0o700
    broker = authority.enrol("broker", "broker.lab", "10.0.0.7", "::1")
    agent = authority.enrol("agent", "box-01")
    for purpose, path, other in (
        ("sslclient", agent / "box-01.pem", "sslserver"), ("sslserver", broker / "broker.pem", "sslclient"),
    ):
        openssl("verify", "-x509_strict", "-CAfile", ca, "-purpose", purpose, path)
        openssl("verify", "-CAfile", ca, "-purpose", other, path, status=2)
    assert "CN = box-01" in openssl("x509", "-in", agent / "box-01.pem", "-noout", "-subject")
    assert "TLS Web Client Authentication" in text_of(agent / "box-01.pem")
    names = text_of(broker / "broker.pem")
    assert "DNS:broker.lab, IP Address:10.0.0.7, IP Address:0:0:0:0:0:0:0:1" in names
    openssl("x509", "-in", broker / "broker.pem", "-noout", "-checkhost", "broker.lab")
    assert openssl("pkey", "-in", agent / "box-01.key", "-pubout") == openssl(
        "x509", "-in", agent / "box-01.pem", "-noout", "-pubkey")
    assert mode(agent / "box-01.key") == 0o600 and mode(agent) == 0o700
    assert "url: mqtts://broker.lab:8883" in (agent / "mqtt.yaml").read_text()
    assert (broker / "crl.pem").exists()


def test_a_bridge_has_a_name_that_no_box_may_have_and_keeps_it_when_it_is_renewed(authority, tmp_path):
    authority.enrol("broker", "broker.lab")
    bridge = authority.enrol("bridge", "lab")
    assert sorted(path.name for path in bridge.iterdir()) == ["bridge-lab.key", "bridge-lab.pem", "ca.pem"]
    openssl("verify", "-CAfile", authority.directory / "ca.pem", "-purpose", "sslclient", bridge / "bridge-lab.pem")
    subject = openssl("x509", "-in", bridge / "bridge-lab.pem", "-noout", "-subject")
    assert "CN = bridge-lab" in subject
    refused = run(FIELDPROOF, "enrol", "agent", "bridge-lab", "--directory", authority.directory, "--output", tmp_path / "box", status=64)
    assert "means something else" in refused.stderr
    renewed = authority.enrol("renew", "bridge-lab")
    assert openssl("x509", "-in", renewed / "bridge-lab.pem", "-noout", "-subject") == subject


def test_a_certificate_holds_for_ninety_days_unless_told_otherwise_and_never_longer_than_the_ca(authority):
    def days(path):
        line = openssl("x509", "-in", path, "-noout", "-enddate").strip().removeprefix("notAfter=")
        end = datetime.datetime.strptime(line, "%b %d %H:%M:%S %Y GMT")
        return (end - datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None)).total_seconds() / 86400

    assert 89.9 < days(authority.enrol("agent", "a") / "a.pem") <= 90
    assert 6.9 < days(authority.enrol("agent", "b", "--days", "7") / "b.pem") <= 7
    assert 3649 < days(authority.enrol("agent", "c", "--days", "9000") / "c.pem") <= 3650


def test_a_revoked_certificate_is_on_a_list_that_openssl_verifies(authority):
    ca = authority.directory / "ca.pem"
    kept, lost = authority.enrol("agent", "kept") / "kept.pem", authority.enrol("agent", "lost") / "lost.pem"

    def verify(path, status=0):
        run("openssl", "verify", "-CAfile", ca, "-CRLfile", authority.directory / "crl.pem", "-crl_check", path, status=status)

    verify(lost)
    before = openssl("crl", "-in", authority.directory / "crl.pem", "-noout", "-crlnumber", "-lastupdate")
    authority.revoke("lost")
    verify(lost, status=2)
    verify(kept)
    listing = openssl("crl", "-in", authority.directory / "crl.pem", "-noout", "-text", "-CAfile", ca)
    serial = openssl("x509", "-in", lost, "-noout", "-serial").strip().removeprefix("serial=")
    assert f"Serial Number: {serial}" in listing and listing.count("Serial Number:") == 1
    after = openssl("crl", "-in", authority.directory / "crl.pem", "-noout", "-crlnumber", "-lastupdate")
    assert before.splitlines()[0] == "crlNumber=0x01" and after.splitlines()[0] == "crlNumber=0x02"
    assert before.splitlines()[1] != after.splitlines()[1], "a broker takes only a later list"
    # A second list keeps what the first had.
    authority.revoke("kept")
    verify(lost, status=2)
    verify(kept, status=2)
    again = run(FIELDPROOF, "enrol", "revoke", "lost", "--directory", authority.directory, status=65)
    assert "revoked already" in again.stderr


def test_the_list_says_who_has_what_until_when(authority):
    old = authority.enrol("agent", "box-01")
    new = authority.enrol("renew", "box-01")
    authority.enrol("collector")
    serial = openssl("x509", "-in", old / "box-01.pem", "-noout", "-serial").strip().removeprefix("serial=")
    run(FIELDPROOF, "enrol", "revoke", serial, "--directory", authority.directory)
    listing = run(FIELDPROOF, "enrol", "list", "--json", "--directory", authority.directory).stdout
    rows = [json.loads(line) for line in listing.splitlines()]
    assert sorted((row["name"], row["state"]) for row in rows) == [
        ("box-01", "good"), ("box-01", "revoked"), ("collector", "good")]
    end = openssl("x509", "-in", new / "box-01.pem", "-noout", "-enddate", "-dateopt", "iso_8601").strip()
    good = next(row for row in rows if row["state"] == "good" and row["name"] == "box-01")
    assert good["expires"] == end.removeprefix("notAfter=").replace(" ", "T")
    assert "box-01" in run(FIELDPROOF, "enrol", "list", "--directory", authority.directory).stdout


def test_a_bundle_as_a_tar_file_is_what_tar_reads(authority, tmp_path):
    tar = tmp_path / "box.tar"
    run(FIELDPROOF, "enrol", "agent", "box-01", "--directory", authority.directory, "--output", tar, "--url", "mqtts://b:1")
    assert mode(tar) == 0o600
    listing = run("tar", "-tvf", tar, env={**os.environ, "TZ": "UTC"}).stdout
    assert [line.split()[0] for line in listing.splitlines()] == ["-rw-r--r--", "-rw-r--r--", "-rw-------", "-rw-r--r--"]
    (tmp_path / "out").mkdir()
    run("tar", "-xf", tar, "-C", tmp_path / "out")
    openssl("verify", "-CAfile", tmp_path / "out" / "ca.pem", tmp_path / "out" / "box-01.pem")
    assert "url: mqtts://b:1" in (tmp_path / "out" / "mqtt.yaml").read_text()


def test_a_box_can_keep_its_key_to_itself(authority, tmp_path):
    config = tmp_path / "agent.yaml"
    settings = {
        "agent": {"id": "box-01", "site": "lab"},
        "mqtt": {"url": "mqtts://b", "ca": str(authority.directory / "ca.pem"),
                 "cert": str(tmp_path / "box.pem"), "key": str(tmp_path / "box.key")},
        "spool": {"path": str(tmp_path / "spool")}, "inputs": [{"type": "host"}],
    }
    config.write_text(json.dumps(settings))

    def credentials(*words, status=0):
        return run(AGENT, "credentials", *words, "--config", config, status=status)

    credentials("request", "--output", tmp_path / "box.csr")
    assert mode(tmp_path / "box.key") == 0o600
    openssl("req", "-in", tmp_path / "box.csr", "-noout", "-verify")
    assert "CN = box-01" in openssl("req", "-in", tmp_path / "box.csr", "-noout", "-subject")
    bundle = authority.enrol("agent", "box-01", "--request", tmp_path / "box.csr")
    assert sorted(path.name for path in bundle.iterdir()) == ["box-01.pem", "ca.pem", "mqtt.yaml"]
    credentials("install", bundle / "box-01.pem")
    assert "name     box-01" in credentials("show").stdout
    first = (tmp_path / "box.key").read_bytes()
    # Another key comes into use with its certificate, not before.
    request = credentials("request", "--new-key").stdout
    (tmp_path / "new.csr").write_text(request)
    assert (tmp_path / "box.key").read_bytes() == first
    renewed = authority.enrol("renew", "box-01", "--request", tmp_path / "new.csr")
    credentials("install", renewed / "box-01.pem")
    assert (tmp_path / "box.key").read_bytes() != first and not (tmp_path / "box.key.new").exists()
    credentials("show")
    # What is not this box's is refused, and changes nothing.
    good = (tmp_path / "box.pem").read_bytes()
    other = Authority(tmp_path / "other")
    for path, words in (
        (authority.enrol("agent", "box-02") / "box-02.pem", "this box is 'box-01'"),
        (authority.enrol("agent", "box-01") / "box-01.pem", "is not of this box's key"),
        (other.enrol("agent", "box-01", "--request", tmp_path / "new.csr") / "box-01.pem", "is it of another site?"),
    ):
        assert words in credentials("install", path, status=65).stderr
        assert (tmp_path / "box.pem").read_bytes() == good


@pytest.mark.skipif(not shutil.which("strace"), reason="strace is missing; run Tools/bootstrap")
def test_an_installation_that_is_cut_off_between_certificate_and_key_costs_nothing(authority, tmp_path):
    config = tmp_path / "agent.yaml"
    config.write_text(json.dumps({
        "agent": {"id": "box-01", "site": "lab"},
        "mqtt": {"url": "mqtts://127.0.0.1:1", "ca": str(authority.directory / "ca.pem"),
                 "cert": str(tmp_path / "box.pem"), "key": str(tmp_path / "box.key")},
        "control": {"listen": f"unix:{tmp_path}/control.sock"},
        "spool": {"path": str(tmp_path / "spool"), "size": "32MiB"}, "inputs": [{"type": "host"}],
    }))

    def credentials(*words):
        return run(AGENT, "credentials", *words, "--config", config)

    credentials("request", "--output", tmp_path / "first.csr")
    credentials("install", authority.enrol("agent", "box-01", "--request", tmp_path / "first.csr") / "box-01.pem")
    credentials("request", "--new-key", "--output", tmp_path / "second.csr")
    renewed = authority.enrol("renew", "box-01", "--request", tmp_path / "second.csr") / "box-01.pem"
    new = (tmp_path / "box.key.new").read_bytes()
    # The second of the two renamings is never made: the power is gone.
    cut = ["strace", "-f", "-qq", "-o", tmp_path / "calls", "-e", "inject=?rename,?renameat,renameat2:error=EIO:signal=SIGKILL:when=2"]
    run(*cut, AGENT, "credentials", "install", renewed, "--config", config, status=-signal.SIGKILL)
    assert (tmp_path / "box.pem").read_bytes() == renewed.read_bytes()
    assert (tmp_path / "box.key").read_bytes() != new and (tmp_path / "box.key.new").read_bytes() == new

    advice = f"'fieldproof-agent credentials install {tmp_path}/box.pem', or move the key into the place of {tmp_path}/box.key"
    assert advice in run(AGENT, "check", "--config", config).stderr
    assert "name     box-01" in credentials("show").stdout
    agent = Process("agent", [AGENT, "run", "--config", config], tmp_path).start()
    try:
        agent.wait_for_log("agent started")
        assert advice in agent.log
        assert agent.stop() == 0
    finally:
        agent.close()
    credentials("install", tmp_path / "box.pem")
    assert (tmp_path / "box.key").read_bytes() == new and not (tmp_path / "box.key.new").exists()
    assert (tmp_path / "box.pem").read_bytes() == renewed.read_bytes()
    assert advice not in run(AGENT, "check", "--config", config).stderr


@pytest.mark.parametrize(("words", "status", "message"), [
    (("agent", "collector"), 64, "means something else"), (("agent", "operator"), 64, "means something else"),
    (("agent", "Box 1"), 64, "invalid"), (("broker", "a b"), 64, "host's name"), (("broker", "x,DNS:y"), 64, "host's name"),
    (("agent", "box-01", "--days", "0"), 64, "--days"), (("renew", "nobody"), 65, "has no certificate"),
    (("agent", "box-01", "--request", "/etc/hostname"), 65, "holds no certificate request"),
])
def test_what_makes_no_sense_is_refused(authority, tmp_path, words, status, message):
    result = run(
        FIELDPROOF, "enrol", *words, "--directory", authority.directory, "--output", tmp_path / "out", status=status)
    assert message in result.stderr
    assert not (tmp_path / "out").exists()
    assert list((authority.directory / "issued").iterdir()) == []


def test_a_request_of_another_name_or_a_forged_one_is_refused(authority, tmp_path):
    openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=box-02",
            "-keyout", tmp_path / "k", "-out", tmp_path / "r")
    words = (FIELDPROOF, "enrol", "agent", "box-01", "--directory", authority.directory, "--output", tmp_path / "out")
    assert "is of 'box-02'" in run(*words, "--request", tmp_path / "r", status=65).stderr
    der = bytearray(openssl_bytes("req", "-in", tmp_path / "r", "-outform", "DER"))
    der[der.index(b"box-02") + 5] = ord("1")
    (tmp_path / "der").write_bytes(der)
    openssl("req", "-inform", "DER", "-in", tmp_path / "der", "-out", tmp_path / "forged")
    assert "is not signed by the key" in run(*words, "--request", tmp_path / "forged", status=65).stderr


def openssl_bytes(*words):
    return subprocess.run(["openssl", *map(str, words)], capture_output=True, check=True).stdout


def test_nothing_is_written_over(authority, tmp_path):
    output = authority.enrol("agent", "box-01")
    key = (output / "box-01.key").read_bytes()
    ca = (authority.directory / "ca.key").read_bytes()
    words = ("--directory", authority.directory)
    assert "is there already" in run(FIELDPROOF, "enrol", "agent", "box-01", *words, "--output", output, status=73).stderr
    assert "is there already" in run(FIELDPROOF, "enrol", "site", "--site", "lab", *words, status=73).stderr
    assert (output / "box-01.key").read_bytes() == key and (authority.directory / "ca.key").read_bytes() == ca


def test_a_ca_key_that_others_can_read_is_not_used(authority, tmp_path):
    os.chmod(authority.directory / "ca.key", 0o644)
    result = run(
        FIELDPROOF, "enrol", "agent", "a", "--directory", authority.directory, "--output", tmp_path / "out", status=65)
    assert "chmod o=" in result.stderr
