"""Which models there are: the catalogue, the files, what they are, and how they stay in memory."""
