"""The studio's own certificate: made once, by a root of its own whose key is thrown away, and good for decades.

Without a time-stamp server everything that a certificate signed turns invalid on the day it expires, so it does not expire soon.
Source: C2PA specification 2.2, "X.509 certificates"; RFC 5280.
"""

import datetime
import os
from pathlib import Path
from typing import NamedTuple

from inlay.errors import InvalidInput
from inlay.lock import hold

YEARS = 50
FOLDER = "credentials"
"""In the data folder."""


class Identity(NamedTuple):
    """PEM each. chain: the signing certificate, then the root."""

    chain: bytes
    key: bytes
    root: bytes


def identity(data_dir: Path) -> Identity:
    """That of a data folder, made on first use; only its owner can read the key. Raises InvalidInput where it cannot be kept."""
    folder = data_dir / FOLDER
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with hold(folder / "lock"):
            known = kept(data_dir)
            if known is None:
                known = _made()
                for name, data in zip(_FILES, known, strict=True):
                    _write_private(folder / name, data)
            return known
    except OSError as refused:
        reason = refused.strerror or str(refused)
        raise InvalidInput("data", str(folder), f"it must be a folder that can be written to ({reason})") from refused


def kept(data_dir: Path) -> Identity | None:
    """That of a data folder, where there is one. Nothing is made."""
    files = [data_dir / FOLDER / name for name in _FILES]
    return Identity(*(file.read_bytes() for file in files)) if all(file.exists() for file in files) else None


_FILES = ("chain.pem", "key.pem", "root.pem")


def _made() -> Identity:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

    began = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=1)
    ends = began + datetime.timedelta(days=round(365.25 * YEARS))

    def name(common: str) -> x509.Name:
        issuer = x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Inlay, signed on the studio's own machine")
        return x509.Name([issuer, x509.NameAttribute(NameOID.COMMON_NAME, common)])

    def begun(subject: str, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(name(subject))
            .issuer_name(name("Inlay root"))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(began)
            .not_valid_after(ends)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key()), critical=False)
        )

    root_key, leaf_key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    root = (
        begun("Inlay root", root_key)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.KeyUsage(**_only("key_cert_sign")), critical=True)
        .sign(root_key, hashes.SHA256())
    )
    leaf = (
        begun("Inlay", leaf_key)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.KeyUsage(**_only("digital_signature")), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False)
        .sign(root_key, hashes.SHA256())
    )
    own, above = (one.public_bytes(serialization.Encoding.PEM) for one in (leaf, root))
    key = leaf_key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return Identity(own + above, key, above)


_USAGES = (
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
    "encipher_only",
    "decipher_only",
)


def _only(wanted: str) -> dict[str, bool]:
    return {usage: usage == wanted for usage in _USAGES}


def _write_private(path: Path, data: bytes) -> None:
    """Write a file that only its owner can read, whole or not at all."""
    partial = path.with_name(path.name + ".new")
    partial.unlink(missing_ok=True)
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
    os.replace(partial, path)
