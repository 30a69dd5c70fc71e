"""The broker's certificate has expired: the agent trusts nobody, keeps everything, and goes on when there is a new one."""

import json
import os
import subprocess
import time

from harness import eventually, free_port

from ..machine import false_clock, need
from . import fault


def _openssl(folder, *words, environment=None):
    subprocess.run(
        [need("openssl", "openssl"), *words],
        cwd=folder,
        check=True,
        capture_output=True,
        timeout=60,
        env={**os.environ, **(environment or {})},
    )


def _certificates(folder):
    """An authority, and two certificates of the broker: one for today, and one that was for a day of last week."""
    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
    last_week = false_clock("-7d")
    _openssl(
        folder,
        *("req", "-x509", *key, "-days", "30", "-subj", "/CN=Chaos CA", "-keyout", "ca.key", "-out", "ca.pem"),
        environment=false_clock("-8d"),
    )
    _openssl(folder, "req", *key, "-subj", "/CN=127.0.0.1", "-keyout", "server.key", "-out", "server.csr")
    (folder / "names").write_text("subjectAltName=IP:127.0.0.1\n")
    for name, environment in (("good", {}), ("expired", last_week)):
        _openssl(
            folder,
            *("x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial"),
            *("-days", "1", "-extfile", "names", "-out", f"{name}.pem"),
            environment=environment,
        )


@fault("certificate-expired", "the broker's certificate expires, and is renewed: until then the agent keeps everything", 70)
def certificate_expired(run):
    folder = run.folder / "tls"
    folder.mkdir()
    _certificates(folder)
    port = free_port()
    current = folder / "server.pem"
    current.write_bytes((folder / "good.pem").read_bytes())
    lines = [f"listener {port} 127.0.0.1", f"certfile {current}", f"keyfile {folder}/server.key"]
    world = run.make_world(broker_lines=lines, start=False)
    agent = world.agent
    agent.settings["mqtt"] |= {"url": f"mqtts://127.0.0.1:{port}", "ca": str(folder / "ca.pem")}
    agent.settings_path.write_text(json.dumps(agent.settings))
    world.start()
    agent.feed.go()
    for _ in range(run.count(1, 4)):
        time.sleep(1)
        world.broker.stop()
        current.write_bytes((folder / "expired.pem").read_bytes())
        world.broker.start()
        world.hurt()
        agent.wait_for_log("certificate")
        before = agent.pending
        eventually(lambda: (agent.pending or 0) > before, 30, "a backlog while the certificate is expired")
        world.broker.stop()
        current.write_bytes((folder / "good.pem").read_bytes())
        world.broker.start()
        # A fault that somebody has to mend is tried again after half a minute to a minute.
        agent.drain(150)
        agent.feed.go()
    time.sleep(1)
