"""Commit: what a step says is made so in tables and ledger at once, then followed once. Nobody else commits.

A use case is a pure step from a snapshot and a command to an answer and the changes that make it true.
"""
