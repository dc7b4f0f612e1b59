"""What went wrong, in words for a retoucher: the reason, and the cure."""

from ..qt import QtNetwork

_Error = QtNetwork.QNetworkReply.NetworkError

TRANSIENT = frozenset({"unavailable", "deadline_exceeded", "unknown", "aborted"})
"""Codes after which the same call may succeed later."""


class Trouble(Exception):
    """A call that failed.

    code: the Connect code (`unavailable`, `invalid_argument` ...). message: the reason. cure: what to do, may be empty.
    field: the recipe's field to change, or empty. expected_offset: where an upload has to resume, or None.
    """

    def __init__(
        self, code: str, message: str, cure: str = "", *, field: str = "", expected_offset: "int | None" = None
    ):
        super().__init__(message)
        self.code = code
        self.message = message
        self.cure = cure
        self.field = field
        self.expected_offset = expected_offset

    @property
    def is_transient(self) -> bool:
        return self.code in TRANSIENT

    def __str__(self) -> str:
        return f"{self.message} {self.cure}".strip()


def network_trouble(error, text: str, address: str) -> Trouble:
    """A connection that failed before any answer came, told as a reason and a cure."""
    silent = (f"{address} does not answer in time.", "Check that the machine is on and reachable.")
    if error == _Error.OperationCanceledError:  # Qt's word for a transfer timeout.
        return Trouble("deadline_exceeded", *silent)
    reasons = {
        _Error.ConnectionRefusedError: (
            f"Nobody answers at {address}.",
            "Start the server with “inlay serve”, or set another address.",
        ),
        _Error.HostNotFoundError: (f"The name in {address} is not known.", "Check the address for typing errors."),
        _Error.TimeoutError: silent,
        _Error.RemoteHostClosedError: (
            f"{address} closed the connection.",
            "The server may be restarting; the plugin tries again by itself.",
        ),
        _Error.SslHandshakeFailedError: (
            f"The certificate of {address} is not trusted: {text}",
            "Choose the server's certificate.pem in the settings.",
        ),
        _Error.ProtocolUnknownError: (f"“{address}” is not an address.", "It looks like http://127.0.0.1:50052."),
    }
    reason, cure = reasons.get(error, (f"{address} cannot be reached: {text}.", "Check the address and the network."))
    return Trouble("unavailable", reason, cure)


def http_trouble(status: int, address: str) -> Trouble:
    """An answer that is no Connect answer."""
    if status == 401:
        return Trouble("unauthenticated", f"{address} asks for a token.", "Enter the server's token in the settings.")
    if status == 421:
        return Trouble(
            "unavailable", f"The server refuses the name in {address}.", "Use 127.0.0.1, or give the server a token."
        )
    return Trouble(
        "unavailable",
        f"{address} answered with HTTP {status}.",
        "This seems to be another service; check the port (Inlay's is 50052).",
    )
