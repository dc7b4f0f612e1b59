"""Who may call what: the server's token opens every method, a reviewer's those of his review."""

from inlay.errors import Forbidden
from inlay.jobs.review_links import TOKEN_PREFIX
from inlay.jobs.reviewing import Reviews
from inlay.rpc.security import Token
from inlay.wire.contract import FOR_REVIEWERS


class Callers:
    """token: the server's. reviews: where reviewers' are known."""

    def __init__(self, token: Token, reviews: Reviews) -> None:
        self._token = token
        self._reviews = reviews

    def admit(self, path: str, authorization: str) -> None:
        """Raise Unauthenticated for a token that is none, Forbidden for a reviewer's that does not open the method at `path`.

        What a reviewer may do there, the method itself decides.
        """
        if not (token := review_token(authorization)):
            self._token.check(authorization)
            return
        self._reviews.access(token)
        if path not in FOR_REVIEWERS:
            raise Forbidden("a review link opens its review and nothing else", field="authorization")


def review_token(authorization: str) -> str:
    """The reviewer's token that an `authorization` header carries; empty where it carries none."""
    scheme, _, given = authorization.partition(" ")
    given = given.strip()
    return given if scheme.lower() == "bearer" and given.startswith(TOKEN_PREFIX) else ""
