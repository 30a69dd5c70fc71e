import pytest
from harness import Site


def pytest_addoption(parser):
    parser.addoption("--long", action="store_true", help="longer outages and more runs")


@pytest.fixture
def site(tmp_path_factory):
    # Socket paths are at most 107 bytes long.
    site = Site(tmp_path_factory.mktemp("s"))
    yield site
    site.close()
