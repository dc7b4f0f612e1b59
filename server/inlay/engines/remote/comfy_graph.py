"""A ComfyUI graph in the API's format: where in it a picture, a mask and the words go, and where the answer comes out.

Reference: https://docs.comfy.org/development/api-development/workflow-api-format. Nodes are found by title, which survives the
export ("Inlay picture", or `inlay:picture`); else by class, where only one of it is there.
"""

import copy
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from inlay.errors import InvalidInput
from inlay.recipe import LOOKED_AT, REFERENCE

MAX_BYTES = 4 * 2**20
EDITORS = "that is the editor's own format; in ComfyUI choose File > Export (API) and give that file"
SAVES = ("SaveImage", "PreviewImage", "SaveImageWebsocket", "SaveImageAdvanced")
"""What shows or writes pictures; the marked one becomes the one that writes floats."""

_TITLE = re.compile(
    r"inlay[\s:_-]+(picture|mask|prompt|negative|seed|steps|strength|sampler|output|result|"
    + "|".join(sorted(LOOKED_AT))
    + r")\s*(\d*)"
)
_INPUTS: Mapping[str, tuple[str, ...]] = {
    "picture": ("image",),
    "mask": ("image",),
    "reference": ("image",),
    "prompt": ("text", "prompt", "value", "string", "text_g", "clip_l"),
    "negative": ("text", "prompt", "value", "string", "text_g", "clip_l"),
    "seed": ("seed", "noise_seed", "value"),
    "steps": ("steps", "value"),
    "strength": ("strength", "denoise", "value", "strength_model"),
}
"""The inputs that a role sets, the first of them that its node has."""

_CLASSES: Mapping[str, tuple[str, ...]] = {
    "picture": ("LoadImage",),
    "mask": ("LoadImageMask",),
    "prompt": ("CLIPTextEncode", "TextEncodeQwenImageEditPlus", "TextEncodeQwenImageEdit", "PrimitiveStringMultiline"),
    "seed": ("RandomNoise", "KSampler", "KSamplerAdvanced"),
    "output": SAVES,
}
"""By which an untitled node is found, where it is the only one of these classes."""

Graph = dict[str, dict[str, Any]]


@dataclass(frozen=True)
class Marks:
    """Node ids by role. references: role and node of each place for a picture, plain references first, by their numbers."""

    picture: str
    output: str
    mask: str = ""
    prompt: tuple[str, ...] = ()
    negative: tuple[str, ...] = ()
    seed: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()
    strength: tuple[str, ...] = ()
    sampler: tuple[str, ...] = ()
    references: tuple[tuple[str, str], ...] = ()
    mask_in_alpha: bool = False
    """The mask is the picture's own alpha: nobody loads another, and somebody reads it."""


def parsed(data: bytes, field: str = "graph") -> Graph:
    """A graph from its file. Raises InvalidInput, for the editor's format with the sentence that helps."""
    if len(data) > MAX_BYTES:
        raise InvalidInput(field, f"{len(data)} bytes", f"at most {MAX_BYTES} are read")
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        raise InvalidInput(field, "no JSON", "it must be what ComfyUI's File > Export (API) wrote") from None
    if isinstance(found, dict) and "nodes" in found and "links" in found:
        raise InvalidInput(field, "a workflow", EDITORS)
    if not isinstance(found, dict) or not found:
        raise InvalidInput(field, "no graph", "it must be what ComfyUI's File > Export (API) wrote")
    for name, node in found.items():
        if (
            not isinstance(node, dict)
            or not isinstance(node.get("class_type"), str)
            or not isinstance(node.get("inputs"), dict)
        ):
            raise InvalidInput(f"{field}.{name}", "no node", "each node has a class_type and inputs")
    return found


def title_of(graph: Graph, node: str) -> str:
    """A node as its user knows it: `4 'Load Checkpoint'`."""
    meta = graph[node].get("_meta")
    title = meta.get("title") if isinstance(meta, dict) else ""
    return f"{node} '{title or graph[node]['class_type']}'"


def marks_of(graph: Graph, field: str = "graph") -> Marks:
    """Where everything goes. Raises InvalidInput naming the role that cannot be found, or a node whose input is a link."""
    titled = _titled(graph)
    found: dict[str, tuple[str, ...]] = {}
    taken = {node for nodes in titled.values() for node in nodes}
    for role, classes in _CLASSES.items():
        alike = [node for node in graph if graph[node]["class_type"] in classes and node not in taken]
        if role not in titled and len(alike) == 1:
            found[role] = (alike[0],)
    pictures = _places(titled)
    found |= {role: nodes for role, nodes in titled.items() if role.partition(" ")[0] not in LOOKED_AT}
    for role in ("picture", "output"):
        if len(found.get(role, ())) != 1:
            limit = f"title one node of it 'Inlay {role}', or have only one {' or '.join(_CLASSES[role][:2])}"
            raise InvalidInput(f"{field}.{role}", f"{len(found.get(role, ()))} nodes", limit)
    samplers = found.get("sampler", ())
    if "seed" not in found and any(_input(graph, node, "seed") for node in samplers):
        found["seed"] = samplers
    if "steps" not in found:  # where they come from elsewhere, nobody need say so
        own = (node for node in samplers if isinstance(graph[node]["inputs"].get("steps"), int))
        found["steps"] = tuple(own)
    for role in ("picture", "mask", "prompt", "negative", "seed", "steps", "strength"):
        for node in found.get(role, ()):
            _check_settable(graph, node, role, field)
    for _, node in pictures:
        _check_settable(graph, node, REFERENCE, field)
    picture = found["picture"][0]
    reads_alpha = any(value == [picture, 1] for node in graph.values() for value in node["inputs"].values())
    return Marks(
        picture=picture,
        output=found["output"][0],
        mask=found["mask"][0] if "mask" in found else "",
        references=pictures,
        mask_in_alpha="mask" not in found and reads_alpha,
        **{role: found.get(role, ()) for role in ("prompt", "negative", "seed", "steps", "strength", "sampler")},
    )


def filled(
    graph: Graph, marks: Marks, values: Mapping[str, Any], references: Mapping[str, str], prefix: str, exact: bool
) -> Graph:
    """The graph for one job. values: by role. references: the names of uploaded files, by node. prefix: of what is written, and
    no other job's, so that nothing is answered from a cache. exact: the answer is written as floats.
    """
    made = copy.deepcopy(graph)
    for role, value in values.items():
        nodes = getattr(marks, role)
        for node in (nodes,) if isinstance(nodes, str) else nodes:
            if node:
                made[node]["inputs"][_input(made, node, role)] = value
    for node, name in references.items():
        made[node]["inputs"]["image"] = name
    output = made[marks.output]
    images = output["inputs"].get("images")
    if exact:
        output["class_type"] = "SaveImageAdvanced"
        output["inputs"] = {
            "images": images,
            "filename_prefix": prefix,
            "format": "exr",
            "format.bit_depth": "32-bit float",
            "format.input_color_space": "linear",
        }
    else:
        output["class_type"] = "SaveImage"
        output["inputs"] = {"images": images, "filename_prefix": prefix}
    return made


def _titled(graph: Graph) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for node, facts in graph.items():
        meta = facts.get("_meta")
        title = str(meta.get("title", "")) if isinstance(meta, dict) else ""
        if match := _TITLE.fullmatch(title.strip().lower()):
            role = "output" if match[1] == "result" else match[1]
            found.setdefault(f"{role} {int(match[2] or 1):02}" if role in LOOKED_AT else role, []).append(node)
    return {role: tuple(nodes) for role, nodes in found.items()}


def _places(titled: Mapping[str, tuple[str, ...]]) -> tuple[tuple[str, str], ...]:
    """Role and node of the places for pictures."""
    named = [(*name.split(" "), nodes[0]) for name, nodes in titled.items() if name.partition(" ")[0] in LOOKED_AT]
    return tuple((role, node) for role, _, node in sorted(named, key=lambda one: (one[0] != REFERENCE, *one)))


def _input(graph: Graph, node: str, role: str) -> str:
    """The input that a role sets in a node; empty where it has none."""
    return next((name for name in _INPUTS[role] if name in graph[node]["inputs"]), "")


def _check_settable(graph: Graph, node: str, role: str, field: str) -> None:
    name = _input(graph, node, role)
    where = f"{field}.{title_of(graph, node)}"
    if not name:
        raise InvalidInput(where, "without such an input", f"a node for {role} has one of {', '.join(_INPUTS[role])}")
    if isinstance(graph[node]["inputs"][name], list):
        limit = "a link is never overwritten; title the node that it comes from instead"
        raise InvalidInput(f"{where}.{name}", "a link", limit)
