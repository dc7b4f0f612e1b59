"""What two sides say aloud to each other before a machine is let in: words that nobody between them can make alike.

A short authentication string with a commitment, as in ZRTP (RFC 6189, 4.4): the machine binds itself to its nonce before it
hears the server's, so whoever sits between has one try at 32 bits, not as many as they can compute. The words are proquints
(Wilkerson, arXiv:0901.4016): 16 bits are five letters that can be said over a telephone, in any language.
"""

import hashlib
import hmac

NONCE_BYTES = 32
WORDS_BYTES = 4

_PROTOCOL = b"inlay pairing 1"
_CONSONANTS = "bdfghjklmnprstvz"
_VOWELS = "aiou"


def commitment(nonce: bytes) -> bytes:
    """What binds a machine to its nonce before it is told: 32 bytes."""
    return hashlib.sha256(nonce).digest()


def keeps(nonce: bytes, bound: bytes) -> bool:
    """Whether that is the nonce that somebody bound themselves to."""
    return hmac.compare_digest(commitment(nonce), bound)


def words_of(certificate_sha256: bytes, name: str, machine: str, nonce: bytes, server_nonce: bytes) -> str:
    """What both sides show: two words such as `lusab-babad`. nonce: the machine's."""
    digest = hashlib.sha256()
    for part in (_PROTOCOL, certificate_sha256, name.encode(), machine.encode(), nonce, server_nonce):
        digest.update(len(part).to_bytes(4, "big") + part)
    told = digest.digest()[:WORDS_BYTES]
    return "-".join(_proquint(int.from_bytes(told[at : at + 2], "big")) for at in range(0, WORDS_BYTES, 2))


def heard(words: str) -> str:
    """Words as people type them, as `words_of` writes them."""
    return "-".join(words.replace("-", " ").lower().split())


def _proquint(bits: int) -> str:
    """16 bits as consonant, vowel, consonant, vowel, consonant."""
    return (
        _CONSONANTS[bits >> 12 & 15]
        + _VOWELS[bits >> 10 & 3]
        + _CONSONANTS[bits >> 6 & 15]
        + _VOWELS[bits >> 4 & 3]
        + _CONSONANTS[bits & 15]
    )
