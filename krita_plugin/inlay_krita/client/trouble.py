"""What went wrong, in words for a retoucher: the reason, and the cure."""

import http.client
import socket
import ssl

TRANSIENT = frozenset({"unavailable", "deadline_exceeded", "unknown", "aborted"})
"""Codes after which the same call may succeed later."""


class Trouble(Exception):
    """A call that failed.

    code: the Connect code (`unavailable`, `invalid_argument` ...). message: the reason. cure: what to do, may be empty.
    expected_offset: where an upload has to resume, or None.
    """

    def __init__(self, code: str, message: str, cure: str = "", *, expected_offset: "int | None" = None):
        super().__init__(f"{message} {cure}".strip())
        self.code = code
        self.message = message
        self.cure = cure
        self.expected_offset = expected_offset

    @property
    def is_transient(self) -> bool:
        return self.code in TRANSIENT


_REASONS = (
    (
        ssl.SSLCertVerificationError,
        "The certificate of {at} is not trusted: {error}.",
        "Choose its file in the settings.",
    ),
    (socket.gaierror, "The name in {at} is not known.", "Check the address for typing errors."),
    (ConnectionRefusedError, "Nobody answers at {at}.", "Start the server with “inlay serve”, or set another address."),
    (ConnectionError, "{at} closed the connection.", "The server may be restarting; the plugin tries again by itself."),
    (http.client.HTTPException, "{at} does not answer as Inlay does.", "Check the port (Inlay's is 50052)."),
    (OSError, "{at} cannot be reached: {error}.", "Check the address and the network."),
    (ValueError, "“{at}” is not an address.", "It looks like http://127.0.0.1:50052."),
)
"""By what was raised, the special before the general: the reason and the cure."""


def network_trouble(error: Exception, at: str) -> Trouble:
    """A call to the address `at` that got no answer, told as a reason and a cure."""
    if isinstance(error, TimeoutError):
        return Trouble(
            "deadline_exceeded", f"{at} does not answer in time.", "Check that the machine is on and reachable."
        )
    reason, cure = next((reason, cure) for kind, reason, cure in _REASONS if isinstance(error, kind))
    said = getattr(error, "verify_message", "") or getattr(error, "strerror", "") or str(error) or type(error).__name__
    return Trouble("unavailable", reason.format(at=at, error=said), cure)


def http_trouble(status: int, at: str) -> Trouble:
    """An answer that is no Connect answer."""
    if status == 401:
        return Trouble("unauthenticated", f"{at} asks for a token.", "Enter the server's token in the settings.")
    if status == 421:
        return Trouble("unavailable", f"The server refuses the name in {at}.", "Use 127.0.0.1, or give it a token.")
    return Trouble(
        "unavailable",
        f"{at} answered with HTTP {status}.",
        "It seems to be another service; check the port (Inlay's is 50052).",
    )
