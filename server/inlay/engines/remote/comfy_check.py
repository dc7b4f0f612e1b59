"""Whether a ComfyUI can run a graph: its nodes, its model files, and whether any node sends pixels on to somebody."""

import re
import tomllib
from collections.abc import Callable, Mapping
from importlib import resources
from typing import Any

from inlay.engines.remote.comfy_graph import Graph, Marks, parsed, title_of
from inlay.errors import InvalidInput

TEMPLATES = ("sdxl_inpaint", "flux_fill", "klein_edit", "qwen_edit")
"""Graphs that Inlay brings."""

Node = Callable[[str], Mapping[str, Any]]
"""What a ComfyUI knows of a class of nodes: its entry in /object_info; empty where it has none."""


def faults_of(graph: Graph, marks: Marks, node_of: Node, *, allow_api_nodes: bool) -> list[str]:
    """What is missing or must not be, one sentence each; none where it can run."""
    faults: list[str] = []
    ours = {marks.picture, marks.mask, marks.output, *(node for _, node in marks.references)}
    known = {kind: node_of(kind) for kind in sorted({node["class_type"] for node in graph.values()})}
    for node, facts in graph.items():
        kind = facts["class_type"]
        if not known[kind]:
            faults.append(f"node {title_of(graph, node)} is of the class {kind}, which this ComfyUI does not have")
            continue
        if known[kind].get("api_node") and not allow_api_nodes:
            faults.append(
                f"node {title_of(graph, node)} ({kind}) sends pixels on to another company; allow it with "
                "--set allow_api_nodes=true and --set sends_pixels_to=NAME"
            )
        if node in ours:
            continue
        for name, value in facts["inputs"].items():
            options = options_of(known[kind], name)
            if isinstance(value, str) and options is not None and value not in options:
                faults.append(f"node {title_of(graph, node)} wants {name} {value!r}, which this ComfyUI does not have")
    return faults


def options_of(node: Mapping[str, Any], name: str) -> tuple[str, ...] | None:
    """What an input of a node may be chosen from; None where it is no choice. Both shapes, the old and V3's."""
    inputs = node.get("input")
    for group in ("required", "optional"):
        spec = (inputs.get(group) or {}).get(name) if isinstance(inputs, Mapping) else None
        if not isinstance(spec, list) or not spec:
            continue
        if isinstance(spec[0], list):
            return tuple(str(option) for option in spec[0])
        if spec[0] == "COMBO" and len(spec) > 1 and isinstance(spec[1], Mapping):
            return tuple(str(option) for option in spec[1].get("options", ()))
    return None


def template(name: str, node_of: Node) -> Graph:
    """A graph that Inlay brings, with the model files of this ComfyUI. Raises InvalidInput naming what it has not."""
    folder = resources.files("inlay.engines.remote") / "graphs"
    graph = parsed((folder / f"{name}.json").read_bytes())
    wanted: dict[str, list[str]] = tomllib.loads((folder / "files.toml").read_text("utf-8"))[name]
    lacking: list[str] = []
    for place, patterns in wanted.items():
        node, _, field = place.partition(".")
        options = options_of(node_of(graph[node]["class_type"]), field) or ()
        found = next((option for pattern in patterns for option in options if re.search(pattern, option)), None)
        if found is None:
            usual = graph[node]["inputs"][field]
            lacking.append(f"{graph[node]['class_type']} {field}: a file like {usual}")
        else:
            graph[node]["inputs"][field] = found
    if lacking:
        raise InvalidInput("graph", name, f"this ComfyUI lacks {'; '.join(lacking)}")
    return graph
