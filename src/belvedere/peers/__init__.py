"""Node to node: for now, each node's log as the other one witnesses it.

Owns what is known of a peer, and for how long a party waits for it. Knows neither the store nor the web but through ports.
"""
