"""What the tests of reviews share: drafts on a real server, a review of them, and the doors of those who look at it."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from inlay.client import Client
from inlay.recipe import Recipe, Tier
from inlay.v1 import review_pb2 as messages
from rpc import weather
from rpc.doors import ConnectBinary, call
from rpc.weather import Running

BEFORE, MASK = weather.photo(), weather.ellipse()
DRAFT = weather.recipe_of(BEFORE, MASK, density=0.8).altered(tier=Tier.DRAFT, count=2)
VIEW, COMMENT, DECIDE = messages.ROLE_VIEW, messages.ROLE_COMMENT, messages.ROLE_DECIDE
APPROVE, CHANGES, REJECT = messages.VERDICT_APPROVE, messages.VERDICT_CHANGES, messages.VERDICT_REJECT


@dataclass
class Opened:
    """A review, and what its reviewers show, in the order in which they were asked."""

    review: messages.Review
    tokens: list[str]
    links: list[messages.ReviewLink]

    @property
    def review_id(self) -> str:
        return self.review.review_id


def studio(server: Running, kind: Any = ConnectBinary) -> Any:
    return door(server, server.token, kind)


def door(server: Running, token: str, kind: Any = ConnectBinary) -> Any:
    port = int(server.grpc.rpartition(":")[2]) if kind.name == "grpcio" else server.http_port
    return kind(port, token=token)


def drafted(client: Client, recipe: Recipe = DRAFT) -> str:
    """The id of a job of drafts that is done."""
    return weather.painted(client, recipe, BEFORE, MASK)[0]


def opened(server: Running, job_id: str, *people: tuple[str, Any], count: int = 1, needs_all: bool = False) -> Opened:
    """A review of the first `count` variations of a job."""
    answer = call(
        studio(server),
        "CreateReview",
        messages.CreateReviewRequest(
            title="Autumn campaign",
            drafts=[messages.NewDraft(job_id=job_id, variation=at, text=f"no. {at + 1}") for at in range(count)],
            invitations=[messages.Invitation(name=name, role=role, days=3) for name, role in people],
            needs_all=needs_all,
        ),
    )
    return Opened(answer.review, [link.token for link in answer.links], list(answer.links))


def state(asking: Any, review_id: str = "") -> messages.Review:
    return call(asking, "GetReview", messages.GetReviewRequest(review_id=review_id)).review


def happenings(review: messages.Review, kind: str) -> list[Any]:
    return [getattr(event, kind) for event in review.events if event.WhichOneof("happening") == kind]


def pinned(asking: Any, text: str, at: tuple[float, float] | None = (0.5, 0.25), **further: Any) -> Any:
    """Set a pin on the first draft; the event."""
    given: dict[str, Any] = {"pin_id": str(uuid.uuid4()), "draft": 1, "version": 1, "text": text, **further}
    place = messages.Place(x=at[0], y=at[1]) if at else None
    return call(asking, "AddPin", messages.AddPinRequest(pin=messages.Pin(at=place, **given))).event


def decided(asking: Any, verdict: Any, draft: int = 1, version: int = 1, text: str = "", review_id: str = "") -> Any:
    decision = messages.Decision(draft=draft, version=version, verdict=verdict, text=text)
    return call(asking, "Decide", messages.DecideRequest(review_id=review_id, decision=decision))


def until(asking: Any, wanted: Any, review_id: str = "") -> Any:
    """Poll until an event is wanted; that event."""
    seq = 0
    while True:
        request = messages.PollReviewRequest(review_id=review_id, after_seq=seq, wait_ms=20_000)
        events = call(asking, "PollReview", request).events
        assert events, "nothing more happens"
        for event in events:
            if wanted(event):
                return event
        seq = events[-1].seq


def finals(events: Iterator[Any]) -> list[Any]:
    return [event.final for event in events if event.WhichOneof("happening") == "final"]
