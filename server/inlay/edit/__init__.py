"""The one place where an edit is made: window in -> engine -> fidelity -> patch out."""
