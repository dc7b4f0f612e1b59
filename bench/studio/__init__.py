"""How many cards a studio needs, and what its queue is worth: the server's own line, driven by simulated time."""
