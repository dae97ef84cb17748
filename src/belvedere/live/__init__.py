"""Streams, slots and viewings: what is watched now, by whom, for which event, and until when.

Owns: the control flow from a request to a picture, and the watch over what was granted.
Does not know: the rules (policy), the tables (store), the packets (media), HTTP (web).
"""
