"""Speaks Inlay's contract with a server: Connect over sockets, on worker threads. Knows nothing of Krita."""
