"""`python -m belvedere`: the same as `belvedere`."""

from belvedere.cli.main import app

app()
