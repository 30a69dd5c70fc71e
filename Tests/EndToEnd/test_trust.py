"""Certificates of box, collector and broker: who is let in, what is said when not, and that nothing is lost meanwhile."""

import json
import shutil
import pathlib
import signal
import time

import pytest
from harness import AGENT, Process, eventually
from trust import Authority, SecureSite, openssl, run
from watching import Watcher


@pytest.fixture
def site(tmp_path_factory):
    site = SecureSite(tmp_path_factory.mktemp("s"))
    yield site
    site.close()


def start_alone(site):
    """Broker and agent, with a few samples that nobody takes yet."""
    site.write_settings()
    site.broker.start()
    site.agent.start()
    eventually(lambda: (site.directory / "line.sock").exists(), what="the line socket")
    site.feed(range(1, 101))
    eventually(lambda: site.pending > 0, what="samples on disk")


def numbers(last):
    return {number: 1 for number in range(1, last + 1)}


def test_box_and_collector_deliver_with_certificates_alone(site):
    site.start()
    operator = site.operator()
    site.feed(range(1, 101))
    site.wait_until_drained()
    assert site.archived_counts() == numbers(100)
    meta = json.loads(eventually(lambda: operator.payloads_of("fieldproof/v1/lab/box-01/meta"))[-1])
    end = openssl("x509", "-in", site.box / "box-01.pem", "-noout", "-enddate", "-dateopt", "iso_8601").strip()
    assert meta["certificate_expires"] == end.removeprefix("notAfter=").replace(" ", "T")
    assert operator.payloads_of("fieldproof/v1/lab/box-01/status") == [b"online"]


@pytest.mark.parametrize(("fault", "message"), [
    ("expired", "is over since"),
    ("not yet valid", "the clock is wrong, not the certificate"),
    ("other host", "not for 'localhost'"),
    ("other CA", "not the CA that is trusted here"),
    ("box as broker", "is not one of a server"),
])
def test_a_broker_that_does_not_prove_itself_gets_nothing(site, fault, message):
    false = site.directory / "false"
    if fault == "expired":
        site.authority.forge(false, "localhost", -3, -1, server=True)
    elif fault == "not yet valid":
        site.authority.forge(false, "localhost", 1, 3, server=True)
    elif fault == "other host":
        site.authority.forge(false, "elsewhere.lab", server=True)
    elif fault == "other CA":
        Authority(site.directory / "other").forge(false, "localhost", server=True)
    else:
        # The certificate of a box that was stolen.
        site.authority.forge(false, "localhost")
    for ending, file in ((".pem", "broker.pem"), (".key", "broker.key")):
        shutil.copy(false.with_suffix(ending), site.tls / file)
    start_alone(site)
    site.agent.wait_for_log(message)
    status = site.spool_status()
    assert status["connected"] is False and status["sent"] == 0
    assert site.agent.log.count("not connected to the broker") == 1, "said once, not at each attempt"
    assert "box-01" not in site.broker.log


@pytest.mark.parametrize(("fault", "message"), [
    ("expired", "says that this client's certificate is over"),
    ("not yet valid", "refuses this client's certificate"),
    ("other CA", "does not know the CA of this client's certificate"),
    ("revoked", "says that this client's certificate is revoked"),
])
def test_a_box_that_does_not_prove_itself_is_not_let_in_and_keeps_its_data(site, fault, message):
    path = site.directory / "false"
    if fault == "expired":
        site.authority.forge(path, "box-01", -3, -1)
    elif fault == "not yet valid":
        site.authority.forge(path, "box-01", 1, 3)
    elif fault == "other CA":
        Authority(site.directory / "other").forge(path, "box-01")
    else:
        path = site.box / "box-01"
        site.authority.revoke("box-01")
        shutil.copy(site.authority.directory / "crl.pem", site.tls / "crl.pem")
    site.use(site.agent_settings, path)
    start_alone(site)
    site.agent.wait_for_log(message)
    assert site.spool_status()["connected"] is False
    # A good certificate in the place of the bad one, and a word to the agent: it connects at once, and delivers everything.
    good = site.authority.enrol("agent", "box-01") / "box-01"
    if fault == "revoked":
        site.publish_list()
    for ending in (".key", ".pem"):
        shutil.copy(good.with_suffix(ending), path.with_suffix(ending))
    site.agent.process.send_signal(signal.SIGHUP)
    site.agent.wait_for_log("were renewed")
    site.start_collector()
    eventually(lambda: site.spool_status()["connected"], 70, "the connection with the new certificate")
    site.wait_until_drained()
    assert site.archived_counts() == numbers(100)


def test_who_was_revoked_stays_out_once_the_list_is_read(site):
    site.start()
    site.feed(range(1, 51))
    site.wait_until_drained()
    site.authority.revoke("box-01")
    site.publish_list()
    # What mosquitto does not do is ending a connection that stands.
    assert site.spool_status()["connected"] is True
    site.broker.stop()
    site.broker.start()
    site.feed(range(51, 101))
    site.agent.wait_for_log("says that this client's certificate is revoked", seconds=40)
    assert site.spool_status()["connected"] is False
    eventually(lambda: site.pending > 0, what="samples that wait")


def renew(site, path, *words):
    """Puts a new certificate with a new key into the place of the former ones, as a person or a program would: one after the other."""
    new = site.authority.enrol("renew", *words)
    for ending in (".key", ".pem"):
        file = next(new.glob(f"*{ending}")) if ending == ".key" else next(p for p in new.glob("*.pem") if p.name != "ca.pem")
        draft = path.with_suffix(ending + ".draft")
        shutil.copy(file, draft)
        draft.rename(path.with_suffix(ending))


@pytest.mark.takes(60)
def test_renewed_certificates_are_taken_up_without_losing_a_sample(site):
    site.start()
    operator = site.operator("fieldproof/v1/lab/box-01/status")
    collector = site.collector_settings["mqtt"]["cert"].removesuffix(".pem")
    fed = 0
    serials = []
    for turn in range(3):
        site.feed(range(fed + 1, fed + 201))
        fed += 200
        renew(site, site.box / "box-01", "box-01")
        if turn < 2:
            site.agent.process.send_signal(signal.SIGHUP)
        site.feed(range(fed + 1, fed + 201))
        fed += 200
        # The third time nobody says a word: the files are looked at every half minute.
        site.agent.wait_for_log("were renewed", turn + 1, 45)
        site.agent.wait_for_log("connected to the broker broker=", turn + 2)
        serials.append(openssl("x509", "-in", site.box / "box-01.pem", "-noout", "-serial"))
    assert len(set(serials)) == 3
    renew(site, pathlib.Path(collector), "collector")
    site.collector.process.send_signal(signal.SIGHUP)
    site.collector.wait_for_log("were renewed")
    site.collector.wait_for_log("connected to the broker broker=", 2)
    site.feed(range(fed + 1, fed + 101))
    fed += 100
    site.wait_until_drained()
    assert site.archived_counts() == numbers(fed)
    assert b"offline" not in [payload for _, payload in operator.messages], "renewing is no absence"


def test_a_new_file_that_is_not_sound_is_refused_and_the_connection_goes_on(site):
    site.start()
    key, certificate = site.box / "box-01.key", site.box / "box-01.pem"
    good = certificate.read_bytes()
    foreign = (site.authority.enrol("agent", "box-02") / "box-02.pem").read_bytes()
    site.authority.forge(site.directory / "old", "box-01", -3, -1)
    refusals = 0
    for bytes_of_file, message in (
        (b"nothing", "holds no certificate"), (good[: len(good) // 2], "damaged certificate"), (foreign, "is not the key of"),
    ):
        certificate.write_bytes(bytes_of_file)
        site.agent.process.send_signal(signal.SIGHUP)
        refusals += 1
        site.agent.wait_for_log("those in use stay", refusals)
        assert message in site.agent.log
    shutil.copy(site.directory / "old.pem", certificate)
    shutil.copy(site.directory / "old.key", key)
    site.agent.process.send_signal(signal.SIGHUP)
    site.agent.wait_for_log("the certificate is over since")
    key.chmod(0o644)
    site.agent.process.send_signal(signal.SIGHUP)
    site.agent.wait_for_log("chmod o=")
    site.feed(range(1, 51))
    site.wait_until_drained()
    assert site.archived_counts() == numbers(50)
    assert site.agent.log.count("connected to the broker broker=") == 1
    # With these files on disk a lost connection comes back by what was read before.
    site.broker.stop()
    site.broker.start()
    site.agent.wait_for_log("connected to the broker broker=", 2, 30)


def test_a_new_certificate_that_the_broker_does_not_take_does_not_cut_the_box_off(site):
    site.start()
    Authority(site.directory / "other").forge(site.directory / "foreign", "box-01")
    for ending in (".key", ".pem"):
        shutil.copy((site.directory / "foreign").with_suffix(ending), (site.box / "box-01").with_suffix(ending))
    site.agent.process.send_signal(signal.SIGHUP)
    site.agent.wait_for_log("does not know the CA of this client's certificate")
    site.agent.wait_for_log("connected to the broker broker=", 2)
    assert "certificate verify failed" in site.broker.log
    site.feed(range(1, 51))
    site.wait_until_drained()
    assert site.archived_counts() == numbers(50)


def test_a_certificate_that_ends_soon_is_warned_of_by_box_and_collector(site):
    path = site.authority.enrol("agent", "box-01", "--days", "10") / "box-01"
    site.use(site.agent_settings, path)
    site.agent_settings["health"] = {"listen": f"unix:{site.directory}/health.sock"}
    site.start()
    site.agent.wait_for_log("this box's certificate ends soon")
    health = Watcher(site.agent_settings["health"]["listen"])
    left = {use: health.value("fieldproof_agent_certificate_expiry_timestamp_seconds", use=use) - time.time() for use in ("client", "ca")}
    assert 9 * 86400 < left["client"] < 10 * 86400 and left["ca"] > 300 * 86400
    assert "days=9" in site.agent.log
    site.collector.wait_for_log("an agent's certificate ends soon")
    assert "agent=box-01" in site.collector.log
    assert "the collector's certificate" not in site.collector.log


@pytest.mark.takes(70)
def test_two_boxes_with_one_certificate_are_told_apart_and_neither_is_counted(site):
    site.start()
    site.feed(range(1, 51))
    site.wait_until_drained()
    before = site.archived_counts()
    # A thief's box: the stolen certificate, a spool of its own.
    thief = site.directory / "thief"
    thief.mkdir()
    settings = json.loads(site.agent_file.read_text())
    settings["spool"]["path"] = str(thief / "spool")
    settings["control"] = {"listen": f"unix:{thief}/control.sock"}
    settings["inputs"] = [{"type": "host", "every": "1s"}]
    (thief / "agent.yaml").write_text(json.dumps(settings))
    other = Process("thief-agent", [AGENT, "run", "--config", thief / "agent.yaml"], site.directory).start()
    site.open.append(other)
    other.wait_for_log("connected to the broker broker=")
    site.agent.wait_for_log("not connected to the broker", seconds=30)
    site.feed(range(51, 101))
    site.collector.wait_for_log("two boxes have this agent id", seconds=70)
    other.stop()
    assert site.archived_counts() == before, "of a contested id nothing is counted"
    site.agent.wait_for_log("connected to the broker broker=", 2, 70)
    assert site.pending > 0, "whoever is refused keeps what it has"


def test_a_key_or_password_that_others_can_read_is_refused_before_anything_is_sent(site):
    key = site.box / "box-01.key"
    for mode, remedy in ((0o644, "chmod o="), (0o620, "chmod g-w")):
        key.chmod(mode)
        assert remedy in site.check(status=78).stderr
        assert remedy in run(AGENT, "run", "--config", site.agent_file, status=78).stderr
    key.chmod(0o440)
    site.check()
    key.chmod(0o600)
    password = site.directory / "password"
    password.write_text("geheim-7\n")
    password.chmod(0o604)
    site.agent_settings["mqtt"] |= {"username": "box-01", "password-file": str(password)}
    result = site.check(status=78)
    assert "chmod o=" in result.stderr and "geheim" not in result.stderr
    password.chmod(0o600)
    site.check()


def test_a_changed_ca_or_a_certificate_that_is_over_is_said_by_check(site):
    site.authority.forge(site.directory / "old", "box-01", -3, -1)
    site.use(site.agent_settings, site.directory / "old")
    assert "the certificate is over since" in site.check().stderr


def test_the_certificate_of_the_box_is_time_enough_for_a_clock_of_1970(site):
    """Without a battery: the wall clock begins in 1970, and nobody sets it."""
    faketime(site, "1970-01-01 00:00:10")
    site.start()
    site.feed(range(1, 51))
    site.wait_until_drained()
    assert site.archived_counts() == numbers(50)
    assert "certificate" not in site.agent.log


def test_a_wrong_clock_is_named_as_the_cause_and_the_box_connects_once_it_is_right(site):
    """A broker's certificate that is newer than all that the box has: nothing tells it that 1970 is over, but the clock, later."""
    site.authority.forge(site.tls / "broker", "localhost", 30, 60, server=True)
    wall = faketime(site, "1970-01-01 00:00:10")
    # Mosquitto takes clients whose certificates hold today.
    start_alone(site)
    site.agent.wait_for_log("the clock is wrong, not the certificate")
    assert "this machine's clock says 1970-01-01T00:0" in site.agent.log
    assert site.spool_status()["connected"] is False
    wall("+31d")
    eventually(lambda: site.spool_status()["connected"], 70, "the connection under a clock that is right")
    assert site.pending > 0


def faketime(site, wall):
    """Has the agent read its wall clock from a file; returns what sets it."""
    library = next(iter(sorted(pathlib.Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))), None)
    if not library:
        pytest.skip("needs libfaketime; install faketime")
    path = site.directory / "wall"

    def set_wall(text):
        draft = path.with_suffix(".new")
        draft.write_text(f"{text}\n")
        draft.rename(path)

    set_wall(f"@{wall}" if wall[0].isdigit() else wall)
    settings = {
        "LD_PRELOAD": library, "FAKETIME_TIMESTAMP_FILE": path, "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "FAKETIME_NO_CACHE": "1", "FAKETIME_FORCE_MONOTONIC_FIX": "0",
    }
    site.agent.command = ["env", *(f"{name}={value}" for name, value in settings.items()), "env", *site.agent.command]
    return set_wall
