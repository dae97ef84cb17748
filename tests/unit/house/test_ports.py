"""What is handed over is narrow: a route's group holds what its resource needs."""

import ast
from dataclasses import fields, is_dataclass

from belvedere.web import ports
from tests.unit.house.tree import parsed, python_files

MEMBERS_MAX = 9
OF_THE_WHOLE = {"WebPorts", "ports_of"}
COMPOSES = {"src/belvedere/web/app.py", "src/belvedere/web/ports.py", "src/belvedere/node/compose.py"}


def test_no_route_takes_every_group() -> None:
    takers = {
        str(path)
        for path in python_files("src/belvedere")
        for each in ast.walk(parsed(path))
        if (isinstance(each, ast.ImportFrom) and OF_THE_WHOLE & {alias.name for alias in each.names})
        or (isinstance(each, ast.Attribute) and each.attr in OF_THE_WHOLE)
    }
    assert takers <= COMPOSES
    assert takers, "the search finds something"


def test_no_group_of_a_route_holds_more_than_nine() -> None:
    groups = [
        each
        for each in vars(ports).values()
        if isinstance(each, type)
        and each.__module__ == ports.__name__
        and is_dataclass(each)
        and each is not ports.WebPorts
    ]
    assert groups
    assert [each.__name__ for each in groups if len(fields(each)) > MEMBERS_MAX] == []
