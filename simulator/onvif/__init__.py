"""ONVIF as simulated cameras speak it, and misspeak it."""
