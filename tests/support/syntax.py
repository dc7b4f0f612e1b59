"""Python's sources as syntax trees."""

import ast
import gc


def parsed(source: str) -> ast.Module:
    """The tree of `source`. Nothing is collected meanwhile: what a collection runs may upset the parser of Python before 3.11.5
    ("AST constructor recursion depth mismatch", python/cpython#106905)."""
    gc.disable()
    try:
        return ast.parse(source)
    finally:
        gc.enable()
