"""How a server's malloc has to be told to keep its memory, before the process starts. Light, so that a launcher can ask."""

MALLOC_ENVIRONMENT = {
    "MALLOC_MMAP_THRESHOLD_": "1073741824",
    "MALLOC_TRIM_THRESHOLD_": "268435456",
    "MALLOC_TOP_PAD_": "67108864",
}
"""Large messages spend their time in page faults unless glibc keeps their memory
(docs/facts/server.md#memory-of-large-messages). To be set before the process starts: whoever starts a server puts these into
its environment."""
