"""What every server has to work with, whatever its user added."""

from inlay.engines.registry import Registry

ENGINES = [engine.name for engine in Registry().available()]
assert ENGINES[0] == "classic"
