"""Tools/bootstrap: which Debian packages it would install for which arguments, on a machine that has none of them."""

import pathlib
import subprocess

import pytest

ROOT = pathlib.Path(__file__).parents[2]

# A machine that has nothing, installs what it is told, and whose Swift is too old, so that bootstrap ends there.
PROGRAMS = {
    "dpkg-query": "exit 1",
    "dpkg": "echo arm64",
    "id": "echo 0",
    "systemctl": "exit 0",
    "apt-get": 'case " $* " in *" install "*) printf "%s\\n" "$@" >"$INSTALLED" ;; esac',
    "swift": "echo 'Swift version 1.0'",
}


@pytest.fixture
def bootstrap(tmp_path):
    for name, body in PROGRAMS.items():
        program = tmp_path / name
        program.write_text(f"#!/bin/sh\n{body}\n")
        program.chmod(0o755)

    def run(*words):
        installed = tmp_path / "installed"
        installed.unlink(missing_ok=True)
        environment = {"PATH": f"{tmp_path}:/usr/sbin:/usr/bin:/sbin:/bin", "INSTALLED": str(installed)}
        done = subprocess.run([ROOT / "Tools/bootstrap", *words], env=environment, capture_output=True, text=True, timeout=60)
        packages = {word for word in installed.read_text().split() if not word.startswith("-")} if installed.exists() else set()
        return done.returncode, packages - {"install"}, done.stderr

    return run


def test_each_argument_adds_what_it_needs_and_they_may_stand_together(bootstrap):
    code, plain, said = bootstrap()
    assert code == 69 and "Swift 1.0" in said
    benchmarks, package, arm64 = (bootstrap(f"--{name}")[1] for name in ("benchmarks", "package", "package-arm64"))
    assert "valgrind" in benchmarks - plain and "debhelper" in package - plain and "mmdebstrap" in arm64 - package
    assert bootstrap("--benchmarks", "--package-arm64")[1] == benchmarks | arm64
    assert bootstrap("--package", "--benchmarks")[1] == bootstrap("--benchmarks", "--package")[1] == benchmarks | package


def test_a_demo_needs_less_and_its_scenario_less_again(bootstrap):
    plain, every = bootstrap()[1], bootstrap("--demo")[1]
    machine, rooms = bootstrap("--demo", "edge-box-acceptance")[1], bootstrap("--demo", "fall-alert")[1]
    assert machine < every < plain and "gcc" in every - machine and rooms == every
    assert bootstrap("--demo", "--benchmarks")[1] == bootstrap("--benchmarks")[1]
    assert bootstrap("--demo", "fall-alert", "--package")[1] == bootstrap("--package")[1]


@pytest.mark.parametrize("words, unknown", [
    (["--benchmark"], "--benchmark"), (["--package", "arm64"], "arm64"), (["--demo", "fall-alert", "edge-box-acceptance"], "edge-box-acceptance"),
    (["--demo", "fall-alarm"], "fall-alarm"), (["--benchmarks", ""], ""),
])
def test_what_it_does_not_know_is_refused_before_anything_is_done(bootstrap, words, unknown):
    code, packages, said = bootstrap(*words)
    assert code == 64 and packages == set()
    assert said.startswith("bootstrap: ") and f"'{unknown}'" in said and said.endswith("; see --help\n")
