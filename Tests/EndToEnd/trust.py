"""A site with certificates: the CA and what it issues come from `fieldproof enrol`, faulty ones from Python's cryptography."""

import datetime
import shutil
import ssl
import subprocess

import paho.mqtt.client as mqtt
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from harness import AGENT, FIELDPROOF, ROOT, Site, eventually

ACL = ROOT / "Firmware-config" / "broker" / "acl"


def run(*words, status=0, **options):
    result = subprocess.run([str(word) for word in words], capture_output=True, text=True, timeout=60, **options)
    assert result.returncode == status, f"{words}: {result.returncode}: {result.stdout}{result.stderr}"
    return result


def openssl(*words, status=0):
    return run("openssl", *words, status=status).stdout


class Authority:
    """A site's CA in a directory."""

    def __init__(self, directory, site="lab"):
        self.directory = directory
        run(FIELDPROOF, "enrol", "site", "--site", site, "--directory", directory)
        self.outputs = 0

    def enrol(self, *words):
        """Runs `fieldproof enrol …`, and returns the directory with what it made."""
        self.outputs += 1
        output = self.directory.parent / f"{self.directory.name}-{self.outputs}"
        run(FIELDPROOF, "enrol", *words, "--directory", self.directory, "--output", output)
        return output

    def revoke(self, name):
        run(FIELDPROOF, "enrol", "revoke", name, "--directory", self.directory)

    def forge(self, path, name, begins=-1, ends=1, server=False, key=None):
        """A certificate and key at `path`.pem and .key, with any dates (days from now) and use."""
        authority = x509.load_pem_x509_certificate((self.directory / "ca.pem").read_bytes())
        signer = serialization.load_pem_private_key((self.directory / "ca.key").read_bytes(), None)
        key = key or ec.generate_private_key(ec.SECP256R1())
        now = datetime.datetime.now(datetime.timezone.utc)
        usage = ExtendedKeyUsageOID.SERVER_AUTH if server else ExtendedKeyUsageOID.CLIENT_AUTH
        builder = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
            .issuer_name(authority.subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now + datetime.timedelta(days=begins))
            .not_valid_after(now + datetime.timedelta(days=ends))
            .add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
        )
        if server:
            builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        path.with_suffix(".pem").write_bytes(builder.sign(signer, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
        write_key(key, path.with_suffix(".key"))
        return path


def write_key(key, path):
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    path.chmod(0o600)


class SecureSite(Site):
    """Box, collector and broker that know each other by certificates alone, with the ACL that is shipped."""

    def __init__(self, directory):
        super().__init__(directory)
        self.authority = Authority(directory / "ca")
        self.tls = directory / "mosquitto"
        self.url = f"mqtts://localhost:{self.broker.port}"
        shutil.copytree(self.authority.enrol("broker", "localhost", "127.0.0.1"), self.tls)
        self.put_acl(ACL.read_text())
        lines = self.broker.configuration.read_text().replace("allow_anonymous true", "allow_anonymous false").splitlines()
        lines += [f"{name} {self.tls / file}" for name, file in (
            ("cafile", "ca.pem"), ("certfile", "broker.pem"), ("keyfile", "broker.key"), ("crlfile", "crl.pem"), ("acl_file", "acl"))]
        lines += ["require_certificate true", "use_identity_as_username true", ""]
        self.broker.configuration.write_text("\n".join(lines))
        self.box = self.authority.enrol("agent", "box-01")
        self.use(self.agent_settings, self.box / "box-01")
        self.use(self.collector_settings, self.authority.enrol("collector") / "collector")

    def put_acl(self, text):
        (self.tls / "acl").write_text(text)
        (self.tls / "acl").chmod(0o600)

    def use(self, settings, path, ca=None):
        """Has a configuration name the certificate and key at `path`."""
        settings["mqtt"] = {
            "url": self.url, "ca": str(ca or self.authority.directory / "ca.pem"),
            "cert": f"{path}.pem", "key": f"{path}.key",
        }

    def publish_list(self):
        """Brings the revocation list to the broker and has it read, as an operator does."""
        shutil.copy(self.authority.directory / "crl.pem", self.tls / "crl.pem")
        self.broker.process.send_signal(1)

    def client(self, path, client_id="", topic=None):
        """paho-mqtt with the certificate and key at `path`."""
        return SecureClient(self.broker.port, self.authority.directory / "ca.pem", path, client_id, topic)

    def operator(self, topic="fieldproof/#"):
        operator = self.client(self.authority.enrol("operator") / "operator", topic=topic)
        self.open.append(operator)
        return operator

    def check(self, status=0):
        self.write_settings()
        return run(AGENT, "check", "--config", self.agent_file, status=status)


class SecureClient:
    """paho-mqtt, collecting what it hears and how its publishes were answered."""

    def __init__(self, port, ca, path, client_id="", topic=None):
        self.messages = []
        self.answers = {}
        self.grants = []
        self.client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id=client_id, protocol=mqtt.MQTTv5)
        self.client.tls_set(str(ca), f"{path}.pem", f"{path}.key", tls_version=ssl.PROTOCOL_TLS_CLIENT)
        self.client.on_message = lambda _, __, message: self.messages.append((message.topic, bytes(message.payload)))
        self.client.on_publish = lambda _, __, mid, reason, ___: self.answers.__setitem__(mid, reason.value)
        self.client.on_subscribe = lambda _, __, ___, reasons, ____: self.grants.append(reasons[0].value)
        connected = []
        self.client.on_connect = lambda *_: connected.append(True)
        self.client.connect("localhost", port)
        self.client.loop_start()
        eventually(lambda: connected, what="the connection")
        if topic:
            assert self.subscribe(topic) < 0x80

    def subscribe(self, topic):
        count = len(self.grants)
        self.client.subscribe(topic, qos=1)
        eventually(lambda: len(self.grants) > count, what="the answer to a subscription")
        return self.grants[-1]

    def publish(self, topic, payload, retain=False):
        """The broker's answer to it."""
        info = self.client.publish(topic, payload, qos=1, retain=retain)
        return eventually(lambda: (self.answers.get(info.mid), ) if info.mid in self.answers else None)[0]

    def payloads_of(self, topic):
        return [payload for name, payload in list(self.messages) if name == topic]

    def close(self):
        self.client.disconnect()
        self.client.loop_stop()
