"""Every sample of a counted sequence arrives once, whatever dies in between."""

import threading
import time

import pytest
from harness import eventually


def each_once(count):
    return {number: 1 for number in range(1, count + 1)}


class Feed(threading.Thread):
    """Feeds 1, 2, 3 … at about the given rate until told to stop; `last` is the last number sent."""

    def __init__(self, site, rate=500):
        super().__init__(daemon=True)
        self.site, self.rate = site, rate
        self.last = 0
        self.is_stopping = False
        self.start()

    def run(self):
        while not self.is_stopping:
            self.site.feed(range(self.last + 1, self.last + 51))
            self.last += 50
            time.sleep(50 / self.rate)

    def finish(self):
        self.is_stopping = True
        self.join()
        return self.last


def wait_until_fed(feed, more):
    goal = feed.last + more
    eventually(lambda: feed.last >= goal, 60, f"{more} more samples")


def test_every_number_arrives_once_in_quiet_times(site):
    site.start()
    site.feed(range(1, 5001))
    site.wait_until_drained()
    assert site.archived_counts() == each_once(5000)


@pytest.mark.takes(50)
@pytest.mark.timeout(600)
def test_broker_killed_and_gone_for_a_while(site, pytestconfig):
    outage = 180 if pytestconfig.getoption("--long") else 20
    site.start()
    feed = Feed(site)
    wait_until_fed(feed, 1000)
    site.broker.kill()
    end = time.monotonic() + outage
    eventually(lambda: time.monotonic() > end, outage + 5)
    site.broker.start()
    wait_until_fed(feed, 1000)
    count = feed.finish()
    site.wait_until_drained(60 + outage)
    assert site.archived_counts() == each_once(count)


@pytest.mark.takes(20)
def test_broker_that_hangs(site):
    import signal

    site.agent_settings["mqtt"]["keepalive"] = "5s"
    site.collector_settings["mqtt"]["keepalive"] = "5s"
    site.start()
    feed = Feed(site)
    wait_until_fed(feed, 500)
    site.broker.process.send_signal(signal.SIGSTOP)
    site.agent.wait_for_log("not connected to the broker", seconds=40)
    site.broker.process.send_signal(signal.SIGCONT)
    wait_until_fed(feed, 500)
    count = feed.finish()
    site.wait_until_drained()
    assert site.archived_counts() == each_once(count)


def test_collector_killed_and_restarted(site):
    site.start()
    feed = Feed(site)
    for _ in range(3):
        wait_until_fed(feed, 500)
        site.collector.kill()
        wait_until_fed(feed, 500)
        site.start_collector()
    count = feed.finish()
    site.wait_until_drained()
    assert site.archived_counts() == each_once(count)


def test_agent_killed_loses_at_most_one_sync_window(site):
    site.start()
    site.feed(range(1, 1001))
    # Once they are in the archive they were synced; what follows may be lost, but only its tail.
    site.wait_until_drained()
    site.feed(range(1001, 1101))
    assert site.mark("test.durable", "number=7").returncode == 0
    site.agent.kill()
    site.start_agent()
    assert "at most one sync window is missing" in site.agent.log
    site.feed(range(2001, 2101))
    site.wait_until_drained()
    counts = site.archived_counts()
    assert set(counts.values()) == {1}, "a number came twice"
    assert set(range(1, 1001)) | set(range(2001, 2101)) <= set(counts)
    survivors = sorted(set(counts) & set(range(1001, 1101)))
    assert survivors == list(range(1001, 1001 + len(survivors))), "a hole before the tail"
    assert site.collector_events("test.durable") == 1, "a mark that was answered is on disk, whenever the agent dies"


def test_a_box_without_a_collector_is_content_with_the_broker(site):
    site.agent_settings["delivery"] = "broker"
    site.write_settings()
    site.broker.start()
    site.start_agent()
    site.feed(range(1, 101))
    eventually(lambda: site.spool_status()["sent"] >= 2 and site.pending == 0, 20, "the release by PUBACK")


def test_without_a_collector_nothing_is_released(site):
    site.write_settings()
    site.broker.start()
    site.start_agent()
    site.feed(range(1, 101))
    eventually(lambda: site.spool_status()["sent"] >= 2, 20, "a publish")
    assert site.pending >= 2
    site.start_collector()
    eventually(lambda: site.pending == 0, 20, "the drain once a collector is there")


def test_sigterm_drains_and_says_offline(site):
    site.start()
    subscriber = site.subscriber("fieldproof/v1/lab/box-01/status")
    eventually(lambda: subscriber.payloads("status") == [b"online"], what="the retained status")
    site.feed(range(1, 501))
    assert site.agent.stop() == 0
    eventually(lambda: subscriber.payloads("status")[-1] == b"offline", what="the farewell")
    eventually(lambda: site.archived_counts() == each_once(500), what="the archive of what was drained")


def test_the_will_says_offline_for_a_killed_agent(site):
    site.start()
    subscriber = site.subscriber("fieldproof/v1/lab/box-01/status")
    eventually(lambda: subscriber.payloads("status") == [b"online"])
    site.agent.kill()
    eventually(lambda: subscriber.payloads("status")[-1] == b"offline", what="the will")


def test_a_refused_class_is_kept_until_the_broker_lets_it_through(site):
    acl = site.directory / "acl"
    allowed = "topic readwrite fieldproof/#\n"
    acl.write_text("topic read fieldproof/#\ntopic write fieldproof/v1/lab/box-01/status\ntopic write fieldproof/v1/+/+/down/#\n")
    with open(site.broker.configuration, "a") as configuration:
        configuration.write(f"acl_file {acl}\n")
    site.start()
    site.feed(range(1, 101))
    site.agent.wait_for_log("the broker refuses frames")
    assert site.pending > 0
    import signal

    acl.write_text(allowed)
    site.broker.process.send_signal(signal.SIGHUP)
    eventually(lambda: site.pending == 0, 60, "the drain after the ACL was mended")
    assert site.archived_counts() == each_once(100)
