"""Cameras, zones and the map's ground, as the city's inventory file gives them (rules A4).

Does not know: who may watch, what is watched, how a camera is reached beyond its address.
"""
