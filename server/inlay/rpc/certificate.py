"""The certificate that both doors show, taken up again when its files change: a renewal needs no restart."""

import hashlib
import logging
import ssl
import threading
from typing import NamedTuple

from inlay.errors import InvalidInput
from inlay.rpc.security import Tls, stamp_of

_log = logging.getLogger(__name__)


class Shown(NamedTuple):
    """One certificate with its key."""

    key: bytes
    """PEM."""
    chain: bytes
    """PEM."""
    context: ssl.SSLContext

    @property
    def sha256(self) -> bytes:
        """Of the certificate itself, the first of the chain."""
        begins, ends = b"-----BEGIN CERTIFICATE-----", b"-----END CERTIFICATE-----"
        first = self.chain[self.chain.index(begins) :].partition(ends)[0] + ends
        return hashlib.sha256(ssl.PEM_cert_to_DER_cert(first.decode())).digest()


class Certificate:
    """What the files of `tls` hold. Safe for threads. Raises InvalidInput unless they can be read and belong together."""

    def __init__(self, tls: Tls) -> None:
        self._tls = tls
        self._lock = threading.Lock()
        self._stamps = self._look()
        self._shown = _read(tls)

    def current(self) -> Shown:
        """The same object until the files hold another certificate and its key; one without the other changes nothing."""
        with self._lock:
            stamps = self._look()
            if stamps != self._stamps:
                self._stamps = stamps
                try:
                    self._shown = _read(self._tls)
                    _log.info("the certificate %s was changed; new connections see the new one", self._tls.certificate)
                except InvalidInput as error:
                    _log.warning("the former certificate is shown on, because %s", error.message)
            return self._shown

    def _look(self) -> tuple[tuple[int, ...], ...]:
        try:
            return stamp_of(self._tls.certificate), stamp_of(self._tls.key)
        except OSError:  # gone, or just being replaced
            return ()


def _read(tls: Tls) -> Shown:
    context = tls.check()
    try:
        return Shown(tls.key.read_bytes(), tls.certificate.read_bytes(), context)
    except OSError as error:
        raise InvalidInput("tls", tls.certificate, f"it must be readable ({error})") from None
