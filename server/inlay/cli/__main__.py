"""`python -m inlay.cli`: the same as `inlay`, for where the interpreter is known and the path is not."""

from inlay.cli.app import main

main()
