"""Every method of the contract, as somebody else asks it of one person's work, and what they may see."""

import hashlib
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from inlay.client import Client
from inlay.v1 import (
    cluster_pb2,
    history_pb2,
    memory_pb2,
    pairing_pb2,
    production_pb2,
    raster_pb2,
    recipe_pb2,
    setup_pb2,
    style_pb2,
    verbs_pb2,
)
from inlay.v1 import inlay_pb2 as edits
from inlay.v1 import review_pb2 as reviews
from inlay.wire.codec import to_message
from rpc import weather
from rpc.doors import Refused
from rpc.reviewing import BEFORE, DRAFT, MASK, door
from rpc.weather import Running

SECRET = "the unreleased bottle"
OTHER_MASK, OTHER_PICTURE = weather.ellipse() // 2, np.ascontiguousarray(BEFORE[::-1])
FULL_MASK = np.full(BEFORE.shape[:2], 255, np.uint8)
LOOSE = b"sent and never used" * 100
GONE, MISSING = "NOT_FOUND", "FAILED_PRECONDITION"
NO_PAIRING = "FAILED_PRECONDITION"
"""That server was not started to let machines ask."""


@dataclass
class Studio:
    """The server, everybody's token, and what Anna did there."""

    server: Running
    data: Path
    tokens: dict[str, str]
    job_id: str
    review: Any
    link: str
    memory: Any
    result: str

    def door(self, who: str, kind: Any) -> Any:
        return door(self.server, self.tokens[who], kind)

    def client(self, who: str) -> Client:
        return Client(self.server.grpc, token=self.tokens[who])


def new_review(job_id: str) -> Any:
    return reviews.CreateReviewRequest(
        title="Autumn campaign",
        drafts=[reviews.NewDraft(job_id=job_id, text="look at the light")],
        invitations=[reviews.Invitation(name="Rita", role=reviews.ROLE_DECIDE, days=3)],
    )


def recipe_of(_: Studio) -> Any:
    return to_message(DRAFT.altered(prompt=SECRET), recipe_pb2.Recipe)


SOURCE, MASKED, OTHER = weather.raster(BEFORE), weather.raster(MASK), weather.raster(OTHER_MASK)


def raster(of: Any) -> Any:
    return to_message(of, raster_pb2.Raster)


def compared(studio: Studio) -> Any:
    where = recipe_of(studio).where
    where.mask.CopyFrom(raster(OTHER))
    return memory_pb2.CompareResultsRequest(verb="replace", where=where, memories=[studio.memory])


def located(studio: Studio) -> Any:
    canvas = recipe_of(studio).canvas
    part = memory_pb2.Part(place=canvas.window, pixels=raster(weather.raster(OTHER_PICTURE)))
    return memory_pb2.LocateSourceRequest(canvas=canvas, document=canvas.document, parts=[part])


def carried(studio: Studio) -> Any:
    size = raster_pb2.Size(width=96, height=80)
    region = raster_pb2.Rect(x=28, y=24, width=32, height=24)
    pictures = {"master": raster(SOURCE), "sibling": raster(SOURCE), "mask": raster(MASKED)}
    return production_pb2.CarryMaskRequest(master_size=size, sibling_size=size, region=region, **pictures)


def probed() -> Any:
    return edits.ProbeRegionRequest(source=raster(SOURCE), mask=raster(weather.raster(FULL_MASK)))


def with_review(request: Any, **facts: Any) -> Callable[[Studio], Any]:
    return lambda studio: request(review_id=studio.review.review_id, **facts)


def of_job(request: Any, **facts: Any) -> Callable[[Studio], Any]:
    return lambda studio: request(job_id=studio.job_id, **facts)


def new_pin() -> Any:
    return reviews.Pin(pin_id=str(uuid.uuid4()), draft=1, version=1, text="here")


@dataclass(frozen=True)
class Case:
    """What is asked about Anna's work, and how strangers, the project's lead and an admin are refused; "": they are answered."""

    asked: Callable[[Studio], Any]
    stranger: str = ""
    lead: str = ""
    admin: str = ""


def open_to_all(request: Any) -> Case:
    return Case(lambda _: request)


def whole(asked: Callable[[Studio], Any], refused: str = GONE) -> Case:
    return Case(asked, refused, "", refused)


PLAN = edits.PlanEditRequest(
    document=raster_pb2.Size(width=512, height=512),
    region=raster_pb2.Rect(x=40, y=44, width=32, height=24),
    verb="weather",
)
CASES = {
    "GetServerInfo": open_to_all(edits.GetServerInfoRequest()),
    "ListModels": open_to_all(edits.ListModelsRequest()),
    "DescribeVerbs": open_to_all(verbs_pb2.DescribeVerbsRequest()),
    "DescribeSetup": open_to_all(setup_pb2.DescribeSetupRequest()),
    "PlanEdit": open_to_all(PLAN),
    "FrameFormats": open_to_all(
        production_pb2.FrameFormatsRequest(document=raster_pb2.Size(width=512, height=512), formats=["1:1"])
    ),
    "ListStyles": open_to_all(style_pb2.ListStylesRequest()),
    "ProbeStream": open_to_all(edits.ProbeStreamRequest(count=1)),
    "JoinCluster": Case(lambda _: cluster_pb2.JoinClusterRequest(), *["PERMISSION_DENIED"] * 3),
    "RequestPairing": Case(lambda _: pairing_pb2.RequestPairingRequest(), *[NO_PAIRING] * 3),
    "AwaitPairing": Case(lambda _: pairing_pb2.AwaitPairingRequest(), *[NO_PAIRING] * 3),
    "ListPairings": Case(lambda _: pairing_pb2.ListPairingsRequest(), *["PERMISSION_DENIED"] * 2, NO_PAIRING),
    "DecidePairing": Case(lambda _: pairing_pb2.DecidePairingRequest(), *["PERMISSION_DENIED"] * 2, NO_PAIRING),
    "HasBlobs": open_to_all(edits.HasBlobsRequest(sha256=[SOURCE.blob, MASKED.blob])),
    "PutBlob": open_to_all(
        edits.PutBlobRequest(sha256=hashlib.sha256(LOOSE).hexdigest(), total=len(LOOSE), data=LOOSE)
    ),
    "ListJobs": open_to_all(edits.ListJobsRequest()),
    "ListHistory": open_to_all(history_pb2.ListHistoryRequest()),
    "ListReviews": open_to_all(reviews.ListReviewsRequest()),
    "GetBlob": whole(lambda studio: edits.GetBlobRequest(sha256=studio.result), MISSING),
    "ReadBlob": whole(lambda studio: edits.ReadBlobRequest(sha256=studio.result), MISSING),
    "SubmitEdit": whole(
        lambda studio: edits.SubmitEditRequest(job_id=str(uuid.uuid4()), recipe=recipe_of(studio)), MISSING
    ),
    "WatchJob": Case(of_job(edits.WatchJobRequest), GONE),
    "PollJob": Case(of_job(edits.PollJobRequest), GONE),
    "CancelJob": Case(of_job(edits.CancelJobRequest), GONE),
    "RateVariation": whole(of_job(edits.RateVariationRequest, rating=2)),
    "DescribeResult": whole(of_job(memory_pb2.DescribeResultRequest)),
    "MarkDocument": whole(of_job(memory_pb2.MarkDocumentRequest)),
    "FinishVariation": whole(
        lambda studio: memory_pb2.FinishVariationRequest(job_id=str(uuid.uuid4()), memory=studio.memory, tier="final"),
        MISSING,
    ),
    "CompareResults": whole(compared, MISSING),
    "LocateSource": Case(located),
    "ProbeRegion": whole(lambda _: probed(), MISSING),
    "CheckBrand": whole(
        lambda _: style_pb2.CheckBrandRequest(
            source=raster(SOURCE), colors=[recipe_pb2.NamedColor(name="red", color="#ff0000")]
        ),
        MISSING,
    ),
    "CarryMask": whole(carried, MISSING),
    "SaveStyle": whole(
        lambda studio: style_pb2.SaveStyleRequest(
            style=recipe_pb2.Style(title=f"house {uuid.uuid4()}", prompt_after="warm"), job_id=studio.job_id
        )
    ),
    "CreateReview": whole(lambda studio: new_review(studio.job_id)),
    "AddVersion": whole(
        lambda studio: reviews.AddVersionRequest(
            review_id=studio.review.review_id, drafts=[reviews.NewDraft(job_id=studio.job_id, variation=1)]
        )
    ),
    "InviteReviewer": whole(
        with_review(reviews.InviteReviewerRequest, invitation=reviews.Invitation(name="Eve", role=reviews.ROLE_VIEW))
    ),
    "GetReview": Case(with_review(reviews.GetReviewRequest), GONE),
    "RevokeReview": Case(
        lambda studio: reviews.RevokeReviewRequest(review_id=studio.review.review_id, reviewer=1), GONE
    ),
    "WatchReview": whole(with_review(reviews.WatchReviewRequest)),
    "PollReview": whole(with_review(reviews.PollReviewRequest)),
    "ReadPicture": whole(with_review(reviews.ReadPictureRequest, draft=1, version=1, fit_px=16)),
    "AddPin": whole(lambda studio: reviews.AddPinRequest(review_id=studio.review.review_id, pin=new_pin())),
    "ResolvePin": Case(
        with_review(reviews.ResolvePinRequest, pin_id=str(uuid.uuid4())), GONE, "INVALID_ARGUMENT", GONE
    ),
    "Decide": Case(
        with_review(
            reviews.DecideRequest, decision=reviews.Decision(draft=1, version=1, verdict=reviews.VERDICT_REJECT)
        ),
        GONE,
        "PERMISSION_DENIED",
        GONE,
    ),
}
ORDER = sorted(CASES, key=lambda name: (name == "RevokeReview", name))
"""What ends the link comes last."""
OUTLINES = {"WatchJob", "PollJob", "CancelJob", "ListJobs", "GetReview", "ListReviews", "RevokeReview"}
"""What an admin sees something of others' work by."""


def asked(studio: Studio, who: str, kind: Any, name: str, request: Any) -> tuple[str, list[Any]]:
    """How a call is refused (empty: it is not), with the words, and what was answered."""
    opened = studio.door(who, kind)
    try:
        under_way = opened.open(name, request, timeout_ms=120_000)
        found: list[Any] = []
        for message in under_way.messages():
            found.append(message)
            if name == "WatchReview":
                under_way.cancel()
                break
        return "", found
    except Refused as refused:
        return f"{refused.code}: {refused.message}", []
    finally:
        opened.close()


def traces(studio: Studio, answers: list[Any]) -> set[str]:
    """What of Anna's work is in an answer."""
    said = b"".join(answer.SerializeToString() for answer in answers)
    names = {SECRET: "prompt", "look at the light": "draft's text", studio.result: "result", SOURCE.blob: "source"}
    names |= {studio.job_id: "job", "hero.kra": "label", studio.review.review_id: "review", "Rita": "reviewer"}
    return {what for text, what in names.items() if text.encode() in said}


def never_there(request: Any) -> Any:
    """The same question about what nobody ever had."""
    other = type(request)()
    other.CopyFrom(request)
    for field, value in other.ListFields():
        if field.name in ("job_id", "review_id", "sha256") and isinstance(value, str):
            setattr(other, field.name, str(uuid.uuid4()) if field.name != "sha256" else "ab" * 32)
    return other
