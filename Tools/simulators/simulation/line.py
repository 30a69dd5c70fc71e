"""The way out by line protocol: a unix socket, or tcp:ADDRESS:PORT."""

import socket
import sys
import time

# An agent that was started at the same time has its socket a moment later.
PATIENCE = 10


class LineSocket:
    def __init__(self, address, ending):
        kind, _, place = address.partition(":")
        host, _, port = place.rpartition(":")
        if kind not in ("unix", "tcp") or (kind == "tcp" and not port.isdigit()):
            sys.exit(f"'{address}' is no address; write unix:/PATH or tcp:ADDRESS:PORT")
        end = time.monotonic() + PATIENCE
        while True:
            self._socket = socket.socket(socket.AF_UNIX if kind == "unix" else socket.AF_INET6 if ":" in host else socket.AF_INET)
            try:
                self._socket.connect(place if kind == "unix" else (host.strip("[]"), int(port)))
                return
            except OSError as error:
                self._socket.close()
                if time.monotonic() > end:
                    sys.exit(f"nobody takes lines at {address} ({error}); is the agent running?")
            if ending.within(0.1):
                sys.exit(0)

    def send(self, lines):
        self._socket.sendall("".join(f"{line}\n" for line in lines).encode())

    def close(self):
        self._socket.close()
