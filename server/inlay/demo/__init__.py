"""The demo's photograph and the soft mask of what is erased from it: a lightning tower and its lamp beside a rocket."""
