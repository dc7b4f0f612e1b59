"""What Inlay costs and how well its pixels belong, always as a ratio against a baseline in the same run."""
