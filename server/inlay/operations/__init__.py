"""What whoever operates a server sees of it: figures for Prometheus, and lines in the log."""
