"""Both conventions, read once."""

from pathlib import Path

from belvedere.policy import load_convention

CONVENTIONS = Path(__file__).parents[2] / "conventions"
SLUGS = ("villeneuve-dascq-etat", "rouen-metropole")
LOADED = {slug: load_convention(CONVENTIONS / slug) for slug in SLUGS}
