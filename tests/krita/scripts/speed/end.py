"""Leaves the plugin as it was before it was measured."""

from inlay_bridge.scene import bare

for owner, name, does in bare:
    setattr(owner, name, does)
