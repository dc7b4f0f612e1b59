"""Finds what is to be mended, where no model is here that could paint it."""
