"""Who may listen where, and who may call: guarantee 7, the token, and the certificate an install makes for itself."""

import contextlib
import datetime
import hmac
import ipaddress
import logging
import os
import secrets
import socket
import ssl
from dataclasses import dataclass
from pathlib import Path

from inlay.config import is_loopback
from inlay.errors import InvalidInput, Unauthenticated

CERTIFICATE_DAYS = 825
"""The longest that Apple's systems accept (support.apple.com/103769)."""

RENEW_DAYS = 30
"""A certificate with fewer days left is made anew at the next start."""


_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Tls:
    """A certificate chain and its key, both PEM files."""

    certificate: Path
    key: Path

    def check(self) -> ssl.SSLContext:
        """How to show them. Raises InvalidInput unless both files can be read and belong together."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        try:
            context.load_cert_chain(self.certificate, self.key)
            return context
        except (OSError, ssl.SSLError) as error:
            raise InvalidInput(
                "tls", f"{self.certificate} with {self.key}", f"they must be a PEM certificate and its key ({error})"
            ) from None


class Token:
    """What callers have to show: `fixed`, or what `file` holds, which is read again whenever it changes.

    False where nothing is asked for. Raises InvalidInput where the file is empty or cannot be read.
    """

    def __init__(self, fixed: str = "", file: Path | None = None) -> None:
        self._value = fixed
        self._file = file
        self._stamp: tuple[int, ...] = ()
        if file:
            try:
                self._stamp = stamp_of(file)
                self._value = file.read_text(encoding="utf-8").strip()
            except (OSError, UnicodeDecodeError) as error:
                raise InvalidInput("token_file", file, f"it must be a readable text file ({error})") from None
            if not self._value:
                raise InvalidInput("token_file", file, "it must hold the token, not be empty")

    def __bool__(self) -> bool:
        return bool(self._value)

    def is_(self, given: str) -> bool:
        """Whether that is the token; never where none is asked for."""
        self._refresh()
        return bool(self._value) and hmac.compare_digest(given.encode(), self._value.encode())

    def check(self, authorization: str) -> None:
        """Raise Unauthenticated unless the `authorization` header carries the token, or none is asked for."""
        self._refresh()
        check_token(authorization, self._value)

    def _refresh(self) -> None:
        if self._file is None:
            return
        with contextlib.suppress(OSError, UnicodeDecodeError):  # gone or half written: what was valid stays so
            stamp = stamp_of(self._file)
            if stamp != self._stamp and (value := self._file.read_text(encoding="utf-8").strip()):
                self._stamp, self._value = stamp, value
                _log.info("the token was changed; the former is not valid any more")


def check_listening(host: str, tls: Tls | None, token: Token) -> None:
    """Raise InvalidInput where a server would listen beyond loopback without both TLS and a token."""
    if is_loopback(host):
        return
    missing = [name for name, given in (("a TLS certificate and key", tls), ("a token", token)) if not given]
    if missing:
        raise InvalidInput(
            "host",
            host,
            f"beyond loopback the server needs {' and '.join(missing)}; give both, or listen on 127.0.0.1",
        )


def check_strangers(option: str, tls: Tls | None, token: Token) -> None:
    """Raise InvalidInput where strangers would be told of, or heard by, a server without both TLS and a token."""
    missing = [name for name, given in (("a TLS certificate and key", tls), ("a token", token)) if not given]
    if missing:
        limit = f"it needs {' and '.join(missing)}; listen beyond loopback, or give --cert and --key"
        raise InvalidInput(option, "wanted", limit)


def check_token(authorization: str, token: str) -> None:
    """Raise Unauthenticated unless the `authorization` header carries `token`, or no token is asked for."""
    if not token:
        return
    scheme, _, given = authorization.partition(" ")
    if scheme.lower() != "bearer" or not given:
        raise Unauthenticated("the server asks for a token; send `authorization: Bearer TOKEN`", field="authorization")
    if not hmac.compare_digest(given.strip().encode(), token.encode()):
        raise Unauthenticated("the token is not the server's; copy it again from `inlay serve`", field="authorization")


def own_token(folder: Path) -> Path:
    """The file with the token of this install, 256 random bits, made on first use and readable by its owner only."""
    path = folder / "token"
    if not path.exists():
        _write_private(path, secrets.token_urlsafe(32).encode())
    return path


def own_certificate(folder: Path, names: tuple[str, ...] = ()) -> Tls:
    """The self-signed certificate of this install, good for `names`, this machine's names and its addresses.

    Made on first use, and again once it runs out or lacks one of `names`. Clients that should trust it get the file.
    """
    tls = Tls(folder / "certificate.pem", folder / "key.pem")
    if not _covers(tls, names):
        certificate, key = _make_certificate(tuple(dict.fromkeys((*names, *_machine_names()))))
        _write_private(tls.key, key)
        _write_private(tls.certificate, certificate)
    return tls


def fingerprint(tls: Tls) -> str:
    """SHA-256 of the certificate as pairs of hex digits, for people to compare."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes

    certificate = x509.load_pem_x509_certificate(tls.certificate.read_bytes())
    return certificate.fingerprint(hashes.SHA256()).hex(":").upper()


def last_day(tls: Tls) -> datetime.date:
    """Until when the certificate is good."""
    from cryptography import x509

    return x509.load_pem_x509_certificate(tls.certificate.read_bytes()).not_valid_after_utc.date()


def alternatives(tls: Tls) -> list[str]:
    """The names and addresses that the certificate is good for."""
    from cryptography import x509

    certificate = x509.load_pem_x509_certificate(tls.certificate.read_bytes())
    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return []
    return [str(name.value) for name in found]


def _covers(tls: Tls, names: tuple[str, ...]) -> bool:
    from cryptography import x509

    if not (tls.certificate.exists() and tls.key.exists()):
        return False
    certificate = x509.load_pem_x509_certificate(tls.certificate.read_bytes())
    left = certificate.not_valid_after_utc - datetime.datetime.now(datetime.UTC)
    known = set(alternatives(tls))
    is_authority = certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    return left.days >= RENEW_DAYS and set(names) <= known and not is_authority


def _make_certificate(names: tuple[str, ...]) -> tuple[bytes, bytes]:
    """A certificate and its key as PEM: ECDSA P-256, for this server and nobody else.

    It is no authority: whoever comes to trust it trusts nothing that its key may sign.
    """
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Inlay on {socket.gethostname()}"[:64])])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=CERTIFICATE_DAYS - 1))
        .add_extension(x509.SubjectAlternativeName([_general_name(name) for name in names]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    return (
        certificate.public_bytes(serialization.Encoding.PEM),
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()),
    )


def _general_name(name: str):
    from cryptography import x509

    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _machine_names() -> list[str]:
    host = socket.gethostname()
    found = [name for name in ("localhost", host, f"{host}.local", socket.getfqdn()) if _is_dns_name(name)]
    with contextlib.suppress(OSError):  # a machine whose own name does not resolve still has its route's address
        found += [str(entry[4][0]).partition("%")[0] for entry in socket.getaddrinfo(host, None)]
    return [*found, "127.0.0.1", "::1", *routed_address()]


def machine_addresses() -> list[str]:
    """This machine's IPv4 addresses beyond loopback, as far as it tells them; the default route's first."""
    found = routed_address()
    with contextlib.suppress(OSError):
        found += [str(entry[4][0]) for entry in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)]
    return [address for address in dict.fromkeys(found) if not is_loopback(address)]


def routed_address() -> list[str]:
    """The address that other machines see. Connecting a datagram socket sends nothing."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # RFC 5737: an address for documentation, so the default route is taken
            return [probe.getsockname()[0]]
        except OSError:
            return []


def _is_dns_name(name: str) -> bool:
    return name.isascii() and 0 < len(name) < 254 and all(0 < len(label) < 64 for label in name.split("."))


def _write_private(path: Path, data: bytes) -> None:
    """Write a file that only its owner can read, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    partial = path.with_name(path.name + ".new")
    partial.unlink(missing_ok=True)
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
    os.replace(partial, path)


def stamp_of(path: Path) -> tuple[int, ...]:
    """What changes when the file does. Raises OSError."""
    stat = path.stat()
    return stat.st_ino, stat.st_size, stat.st_mtime_ns
