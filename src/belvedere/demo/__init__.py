"""The demonstration: a seeded town, its accounts, its processes. Nothing here runs in an installed node."""
