"""Erasers with trained weights."""
