"""The steps behind the Makefile, standard library only. Each runs again only when what it reads has changed."""
