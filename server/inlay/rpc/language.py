"""In which language a caller is told that something went wrong: that of its request, or else of its call."""

from google.protobuf.message import Message

from inlay.forms import Catalogue
from inlay.rpc import refusals
from inlay.wire.faults import Fault, fault_of, fitting


def asked_of(request: Message | None, language: str) -> str:
    """The `locale` of a request that has one, or else the first of an `Accept-Language` (RFC 9110, 12.5.4)."""
    return getattr(request, "locale", "") or first_of(language)


def first_of(language: str) -> str:
    """The tag that an `Accept-Language` names first: `de-AT` of `de-AT,de;q=0.9`. Programs write the one they mean first."""
    return language.partition(",")[0].partition(";")[0].strip()


def told(error: Exception, words: Catalogue) -> Fault:
    """As `fault_of`, with the message in the caller's language. The log has it in English, under the same request."""
    refusals.count(error)
    fault = fault_of(error)
    return fault._replace(message=fitting(words.translated(fault.message)))
