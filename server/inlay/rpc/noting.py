"""What the audit log is told of a call: who, from where, what about, and how it ended; never pixels, and words only where asked."""

from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from typing import Any

from inlay.jobs.audit import Line, noting
from inlay.jobs.queue import Jobs
from inlay.jobs.reviewing import Reviews
from inlay.recipe import MAX_PROMPT_CHARACTERS
from inlay.rpc.context import Context
from inlay.rpc.texts import MAX_CHARACTERS
from inlay.statuses import status_of
from inlay.wire import request_id
from inlay.wire.contract import Method


class Notes:
    """Writes the lines of a server's calls.

    is_wanted: whether any are; a desk of one person has none. prompts: whether the words of recipes are told, too.
    """

    def __init__(self, jobs: Jobs, reviews: Reviews) -> None:
        self._jobs = jobs
        self._reviews = reviews
        self.is_wanted: Callable[[], bool] = lambda: False
        self.prompts = False

    async def answer(
        self, method: Method, request: Any, context: Context, answered: Callable[[], Awaitable[Any]]
    ) -> Any:
        """The answer to a unary call, noted: with what it wrote into the journal, or else by itself."""
        if not self.is_wanted():
            return await answered()
        line = self._line(method, request, context)
        try:
            with noting(line):
                answer = await answered()
        except Exception as error:
            self._note(line, status_of(error))
            raise
        if not line.is_written and not getattr(
            request, "offset", 0
        ):  # of a blob that is read in parts the first one tells
            self._note(line, "OK")
        return answer

    @contextmanager
    def streaming(
        self, method: Method, request: Any, context: Context, *, is_noted: bool
    ) -> Generator[Callable[[], None]]:
        """A streamed answer; noted before its first message goes out, which is when what this gives is called, or as it fails."""
        line = self._line(method, request, context) if is_noted and self.is_wanted() else None

        def sent() -> None:
            if line and not line.is_written:
                self._note(line, "OK")

        try:
            yield sent
        except Exception as error:
            if line:
                self._note(line, status_of(error))
            raise

    def _note(self, line: Line, outcome: str) -> None:
        self._jobs.try_to(lambda: self._jobs.journal.audit.note(line, outcome))

    def _line(self, method: Method, request: Any, context: Context) -> Line:
        principal, person = context.principal, context.person
        facts = {
            "person": person.name,
            "project": person.project,
            "token": principal.token_id,
            "peer": context.caller,
            "method": method.name,
            "job": getattr(request, "job_id", "")[:MAX_CHARACTERS],
            "review": getattr(request, "review_id", "")[:MAX_CHARACTERS],
            "blob": getattr(request, "sha256", "")[:MAX_CHARACTERS],
            "request": request_id.current(),
        }
        if principal.link:
            access = self._reviews.access(principal.link)
            facts |= {"review": access.review_id, "reviewer": access.reviewer}
        if self.prompts and (words := getattr(getattr(request, "recipe", None), "words", None)):
            most = MAX_PROMPT_CHARACTERS
            facts |= {"prompt": words.prompt[:most], "negative_prompt": words.negative_prompt[:most]}
        return Line({name: value for name, value in facts.items() if value != ""})
