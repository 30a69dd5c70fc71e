import fcntl
import os

import pytest
from harness import Site


def pytest_addoption(parser):
    parser.addoption("--long", action="store_true", help="a longer outage")


def pytest_configure(config):
    config.addinivalue_line("markers", "takes(seconds): takes so long, so that it begins before shorter ones")
    config.addinivalue_line("markers", "alone: measures time, so that no other test may run beside it")


def pytest_collection_modifyitems(items):
    """The longest first and what runs alone last, so that several workers end together. In every worker the same."""

    def rank(item):
        takes = item.get_closest_marker("takes")
        return (item.get_closest_marker("alone") is not None, -(takes.args[0] if takes else 0))

    items.sort(key=rank)


@pytest.fixture(autouse=True)
def turn(request, tmp_path_factory):
    """Tests of several workers run beside each other, but for those that are marked `alone`.

    All of them hold a lock, the latter one that no other may hold.
    """
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    with (shared / "turn.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX if request.node.get_closest_marker("alone") else fcntl.LOCK_SH)
        yield


@pytest.fixture
def site(tmp_path_factory):
    # Socket paths are at most 107 bytes long.
    site = Site(tmp_path_factory.mktemp("s"))
    yield site
    site.close()
