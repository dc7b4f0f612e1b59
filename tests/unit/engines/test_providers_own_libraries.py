"""The imitated image APIs, asked by the providers' own libraries: what those accept is what a provider says, and what they send is
what Inlay sends. Run where the libraries are (`make providers`); Inlay itself speaks plain HTTP.
"""

import base64
import io
import json
import re

import numpy as np
import pytest
from PIL import Image

from inlay.recipe import Input
from support import image_servers as away
from support.image_servers import Manners, image_server
from support.remote_edits import CENTER, KEY, RADIUS, WINDOW, Room, photograph

openai = pytest.importorskip("openai")
genai = pytest.importorskip("google.genai")

from google.genai import errors, types  # noqa: E402 - skipped above where it is not

from inlay.color.raster import Raster, SampleType  # noqa: E402
from inlay.engines.models.remote_entry import Remote  # noqa: E402

pytestmark = pytest.mark.slow

DISC = away.disc(*CENTER, RADIUS, WINDOW.size)
BUSY_S = "0.7"


@pytest.fixture(autouse=True)
def key(monkeypatch):
    monkeypatch.setenv("TEST_KEY", KEY)
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)  # both libraries obey them


def asked_by_openai(server, **more):
    with openai.OpenAI(api_key=KEY, base_url=server.address, max_retries=0, timeout=5) as client:
        picture = away.png(photograph())
        return client.images.edit(
            model="imitation-1",
            image=[("a.png", picture, "image/png"), ("b.png", picture, "image/png")],
            mask=("m.png", picture, "image/png"),
            prompt="a disc",
            n=1,
            size="1024x640",
            extra_body={"seed": 7},
            **more,
        )


def asked_by_google(server):
    options = types.HttpOptions(base_url=server.address, api_version="v1", timeout=5000)
    with genai.Client(api_key=KEY, http_options=options) as client:
        picture = types.Part.from_bytes(data=away.png(photograph()), mime_type="image/png")
        return client.models.generate_content(
            model="imitation-1",
            contents=[picture, picture, "a disc"],
            config=types.GenerateContentConfig(
                response_modalities=["IMAGE"],
                candidate_count=1,
                seed=7,
                image_config=types.ImageConfig(aspect_ratio="3:2", image_size="1K"),
            ),
        )


def asked_by_inlay(server, folder, family: str):
    """The same, with one reference."""
    facts = {"key_env": "TEST_KEY", "model": "imitation-1", "seed_field": "seed", "references": 1}
    remote = Remote(server.address, **facts, **({"mask": "both"} if family == "images_api" else {"multiple": 1}))
    room = Room(folder, family, remote)
    samples = np.zeros((32, 32, 3), np.uint8)
    raster = Raster(32, 32, "RGB", SampleType.U8, 255, "sRGB IEC61966-2.1", room.blobs.add(samples.tobytes()))
    room.edit(room.recipe(inputs=(Input("reference", raster),)))


def shown(data: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"), np.float32) / 255


def painted() -> np.ndarray:
    """What the imitation makes of the picture that it got."""
    return shown(away.png(DISC(shown(away.png(photograph())))))


def shape_of(value: object) -> object:
    """What a JSON value is made of, without what it says. A name may be written in either of protobuf's ways."""
    if isinstance(value, dict):
        return {re.sub("_(.)", lambda found: found[1].upper(), name): shape_of(part) for name, part in value.items()}
    if isinstance(value, list):
        return [shape_of(part) for part in value]
    return type(value).__name__


def test_openais_library_reads_the_picture_and_asks_with_the_same_form(tmp_path):
    with image_server("openai", Manners(DISC)) as server:
        answer = asked_by_openai(server)
        assert np.array_equal(shown(base64.b64decode(answer.data[0].b64_json)), painted())
        assert answer.usage.total_tokens == 33
        asked_by_inlay(server, tmp_path, "images_api")
        theirs, ours = server.received
        assert theirs.path == ours.path == "/images/edits"
        assert set(ours.fields) == set(theirs.fields)
        assert sorted(name for name, _, _ in ours.files) == sorted(name for name, _, _ in theirs.files)
        assert ours.headers["authorization"] == theirs.headers["authorization"]


def test_googles_library_reads_the_picture_and_asks_with_the_same_words(tmp_path):
    with image_server("gemini", Manners(DISC)) as server:
        answer = asked_by_google(server)
        parts = answer.candidates[0].content.parts
        pictures = [part.inline_data.data for part in parts if part.inline_data and not part.thought]
        assert np.array_equal(shown(pictures[-1]), painted())
        assert answer.candidates[0].finish_reason == types.FinishReason.STOP
        assert (answer.usage_metadata.total_token_count, answer.response_id) == (2220, "r-1")
        asked_by_inlay(server, tmp_path, "gemini")
        theirs, ours = server.received
        assert theirs.path == ours.path == "/v1/models/imitation-1:generateContent"
        assert shape_of(json.loads(ours.body)) == shape_of(json.loads(theirs.body))
        assert ours.headers["x-goog-api-key"] == theirs.headers["x-goog-api-key"]


REFUSED = {"error": {"message": "rejected by the safety system", "code": "moderation_blocked", "type": "user_error"}}


@pytest.mark.parametrize(
    ("manners", "error"),
    [
        (Manners(says=away.always(401, {"error": {"message": "wrong key"}})), openai.AuthenticationError),
        (Manners(says=away.always(403, {"error": {"message": "not yours"}})), openai.PermissionDeniedError),
        (Manners(says=away.always(404, {"error": {"message": "no such model"}})), openai.NotFoundError),
        (Manners(says=away.always(429, {}, {"retry-after": BUSY_S})), openai.RateLimitError),
        (Manners(says=away.always(400, REFUSED)), openai.BadRequestError),
        (Manners(says=away.always(500, {"error": {"message": "oops"}})), openai.InternalServerError),
        (Manners(transport="half"), openai.APIConnectionError),
        (Manners(transport="drop"), openai.APIConnectionError),
    ],
)
def test_openais_library_knows_each_refusal_for_what_it_is(manners, error):
    with image_server("openai", manners) as server:
        with pytest.raises(error) as raised:
            asked_by_openai(server)
        if error is openai.BadRequestError:
            assert raised.value.code == "moderation_blocked"
        if error is openai.RateLimitError:
            assert raised.value.response.headers["retry-after"] == BUSY_S
        assert len(server.received) == 1


@pytest.mark.parametrize(
    ("status", "body", "named"),
    [
        (429, {"error": {"code": 429, "status": "RESOURCE_EXHAUSTED", "message": "slowly"}}, "RESOURCE_EXHAUSTED"),
        (403, {"error": {"code": 403, "status": "PERMISSION_DENIED", "message": "no"}}, "PERMISSION_DENIED"),
        (503, {"error": {"code": 503, "status": "UNAVAILABLE", "message": "later"}}, "UNAVAILABLE"),
    ],
)
def test_googles_library_knows_each_failure_for_what_it_is(status, body, named):
    with image_server(
        "gemini", Manners(says=away.always(status, body, {"content-type": "application/json"}))
    ) as server:
        with pytest.raises(errors.APIError) as raised:
            asked_by_google(server)
        assert (raised.value.code, raised.value.status) == (status, named)


def test_googles_library_reads_a_refusal_that_comes_as_success():
    body = {"promptFeedback": {"blockReason": "PROHIBITED_CONTENT"}}
    with image_server("gemini", Manners(says=away.always(200, body, {"content-type": "application/json"}))) as server:
        answer = asked_by_google(server)
        assert answer.prompt_feedback.block_reason == types.BlockedReason.PROHIBITED_CONTENT
        assert not answer.candidates
