"""Drafts that others look at before the final is spent: what happens in a review, where it stands, and its pictures."""
