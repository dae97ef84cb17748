"""Belvedere: shared public-space cameras under a convention that runs."""
