"""The composition root: what a node is made of, each part made in its own module; `compose` puts them together."""
