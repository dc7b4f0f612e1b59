"""Who paints: what a worker is (`base`), and one that is a process on this machine (`local`, and `child` within it)."""
