"""Agents, habilitations, stations, sessions, and signing in.

Does not know: cameras, viewings, the ledger's format, HTTP. Names never leave the agent's own party.
"""
