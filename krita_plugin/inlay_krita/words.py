"""Every word of the panel, in the editor's language: the server says them, and they are kept for the next start."""

import base64

from .client.messages import verbs_pb2
from .host import options

KEPT = "forms"

_UNTOLD = {
    "first_run.title": "Inlay needs its server",
    "first_run.text": "Start it on this machine, or on one with a graphics card, and enter its address in the settings.",
    "first_run.command": "inlay serve",
    "connection.connecting": "Connecting…",
    "action.copy.title": "Copy",
    "action.retry.title": "Try again",
    "action.doctor.title": "Doctor",
    "action.settings.title": "Settings",
    "settings.server": "Server",
    "settings.token": "Token",
    "settings.token_hint": "None on this machine",
    "settings.certificate": "Certificate",
    "settings.hints": "Say when more of the same will not help",
    "settings.hints_tip": "Beside every fifth try at a region, where the last five look alike",
    "action.find.title": "On this network",
    "action.find.tip": "Lists the servers that tell of themselves on this network.",
    "action.pair.title": "Ask to be let in",
    "action.pair.tip": "Asks this server for a token; whoever runs it lets you in.",
    "pairing.name": "Your name",
    "pairing.none": "No server tells of itself here; enter its address.",
    "pairing.looking": "Looking…",
    "pairing.read": "Read this out to who runs the server: {words}",
    "pairing.differ": "If other words stand there, somebody sits between: stop.",
    "pairing.waiting": "Waiting to be let in…",
    "pairing.done": "Let in. From now on this server's certificate is trusted, and no other.",
    "pairing.needs_tls": "Only a server that speaks TLS (https) lets machines ask.",
}
"""What stands there before any server spoke."""

_words: "dict[str, str]" = {}


def say(key: str, **values) -> str:
    """The words of a key, with its places filled in."""
    return (_words.get(key) or _UNTOLD.get(key, key)).format(**values)


def count(key: str, number: int, **values) -> str:
    """The same of a number of things: `key.one` or `key.other`."""
    return say(f"{key}.{'one' if number == 1 else 'other'}", count=number, **values)


def learn(answer: verbs_pb2.DescribeVerbsResponse) -> None:
    """Speaks as the server says, from now on and at the next start."""
    _words.update(answer.words)
    options.write(KEPT, base64.b64encode(answer.SerializeToString()).decode())


def remembered() -> verbs_pb2.DescribeVerbsResponse:
    """What the last server said; empty where there was none, or its contract was another."""
    try:
        answer = verbs_pb2.DescribeVerbsResponse.FromString(base64.b64decode(options.read(KEPT)))
    except Exception:  # Whatever protobuf and base64 raise about what another version wrote.
        answer = verbs_pb2.DescribeVerbsResponse()
    _words.update(answer.words)
    return answer
