"""A certificate authority for one test, with its list of who was revoked."""

import datetime
import ipaddress

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

NOW = datetime.datetime.now(datetime.timezone.utc)
HOUR = datetime.timedelta(hours=1)


def named(name):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


class Authority:
    """`folder` has `ca.pem`, `crl.pem`, and for each name that was issued `<name>.pem` and `<name>.key`."""

    def __init__(self, folder):
        self.folder = folder
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.serials = {}
        self.certificate = (
            self.builder("Test authority", self.key.public_key())
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .sign(self.key, hashes.SHA256())
        )
        self.write("ca.pem", self.certificate.public_bytes(serialization.Encoding.PEM))
        self.revoke()

    def builder(self, name, key):
        return (
            x509.CertificateBuilder()
            .subject_name(named(name))
            .issuer_name(named("Test authority"))
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(NOW - HOUR)
            .not_valid_after(NOW + 24 * HOUR)
        )

    def write(self, name, content):
        (self.folder / name).write_bytes(content)

    def issue(self, name):
        key = ec.generate_private_key(ec.SECP256R1())
        places = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
        certificate = self.builder(name, key.public_key()).add_extension(x509.SubjectAlternativeName(places), critical=False)
        certificate = certificate.sign(self.key, hashes.SHA256())
        self.serials[name] = certificate.serial_number
        self.write(f"{name}.pem", certificate.public_bytes(serialization.Encoding.PEM))
        form = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        self.write(f"{name}.key", key.private_bytes(serialization.Encoding.PEM, *form))
        (self.folder / f"{name}.key").chmod(0o600)
        return {"ca": str(self.folder / "ca.pem"), "cert": str(self.folder / f"{name}.pem"), "key": str(self.folder / f"{name}.key")}

    def revoke(self, *names):
        crl = x509.CertificateRevocationListBuilder().issuer_name(named("Test authority"))
        crl = crl.last_update(NOW - HOUR).next_update(NOW + 24 * HOUR)
        for name in names:
            revoked = x509.RevokedCertificateBuilder().serial_number(self.serials[name]).revocation_date(NOW - HOUR).build()
            crl = crl.add_revoked_certificate(revoked)
        self.write("crl.pem", crl.sign(self.key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
