"""Stands in for spandrel_extra_arches, which brings MAT to spandrel once it is installed there."""

import spandrel


def install(*, ignore_duplicates: bool = False) -> None:
    if spandrel.Mat not in spandrel.ARCHITECTURES:
        spandrel.ARCHITECTURES.append(spandrel.Mat)
    elif not ignore_duplicates:
        raise ValueError("DuplicateArchitectureError")
