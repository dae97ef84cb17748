"""From a TOML table to a frozen dataclass, strictly: an unknown, missing or ill-typed key is an error with its line."""

import types
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import date, time
from enum import StrEnum
from functools import lru_cache
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

T = TypeVar("T")

CONVENTION_YEARS = range(1950, 2800)
"""Those of a convention's days: what is reckoned from them still is within `untrusted_text.YEARS`."""
LISTED_MAX = 500
TEXT_CHARACTERS_MAX = 4_000
_NUMBERS_MAX = {"years": 100, "months": 1_200}
"""The greatest number by the unit that ends a key's name."""
_NUMBER_MAX = 100_000

Complain = Callable[[str, str], Exception]
"""From a key and a message to the error to raise; it knows the file, the line and the article."""


def decode(kind: type[T], table: Mapping[str, object], complain: Complain) -> T:
    """Return the instance of dataclass `kind` that `table` spells.

    A field is spelt as it is named, or as its metadata's `key` says. Text is never blank; a list that is written is
    never empty, save where the metadata says that it `may_be_empty`.

    Raises:
        Exception: what `complain` makes, for a key that is unknown, missing or ill-typed.
    """
    assert is_dataclass(kind)
    hints = _hints(kind)
    known = {str(each.metadata.get("key", each.name)): each for each in fields(kind)}
    for key in table:
        if key not in known:
            close = ", ".join(sorted(known))
            raise complain(key, f"unknown key `{key}`; known here: {close}")
    values: dict[str, Any] = {}
    for key, each in known.items():
        if key in table:
            values[each.name] = _value(hints[each.name], table[key], key, complain)
            if values[each.name] == () and not each.metadata.get("may_be_empty", False):
                raise complain(key, f"`{key}` is empty, and would mean anything or nothing: name what it holds")
        elif each.default is MISSING and each.default_factory is MISSING:
            raise complain(key, f"`{key}` is missing; it has no default")
    return kind(**values)


@lru_cache(maxsize=128)
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def _value(wanted: Any, value: object, key: str, complain: Complain) -> object:
    origin = get_origin(wanted)
    if origin in {types.UnionType, Union}:
        return _value(next(each for each in get_args(wanted) if each is not type(None)), value, key, complain)
    if origin is tuple:
        if not isinstance(value, list):
            raise complain(key, f"`{key}` must be a list")
        if len(value) > LISTED_MAX:
            raise complain(key, f"`{key}` lists more than {LISTED_MAX}")
        return tuple(_value(get_args(wanted)[0], each, key, complain) for each in value)
    if wanted is time:
        return _time(value, key, complain)
    if isinstance(wanted, type) and issubclass(wanted, StrEnum):
        if isinstance(value, str) and value in {each.value for each in wanted}:
            return wanted(value)
        known = ", ".join(each.value for each in wanted)
        raise complain(key, f"`{key}` must be one of: {known}")
    if is_dataclass(wanted) and isinstance(wanted, type) and isinstance(value, dict):
        return decode(wanted, value, complain)
    # A `bool` is an `int` and a `datetime` a `date` to Python, not to a jurist: types are compared exactly.
    if type(value) is wanted and wanted in {str, int, bool, date}:
        _check_bounds(value, key, complain)
        return value
    raise complain(key, f"`{key}` must be {_NAMES.get(wanted, 'a table')}")


def _check_bounds(value: object, key: str, complain: Complain) -> None:
    if isinstance(value, str) and not value.strip():
        raise complain(key, f"`{key}` is empty: it needs words")
    if isinstance(value, str) and len(value) > TEXT_CHARACTERS_MAX:
        raise complain(key, f"`{key}` has more than {TEXT_CHARACTERS_MAX} characters")
    most = _NUMBERS_MAX.get(key.rpartition("_")[2], _NUMBER_MAX)
    if isinstance(value, int) and not -most <= value <= most:
        raise complain(key, f"`{key}` is more than {most}")
    if isinstance(value, date) and value.year not in CONVENTION_YEARS:
        raise complain(key, f"`{key}` must be a day from {CONVENTION_YEARS[0]} to {CONVENTION_YEARS[-1]}")


def _time(value: object, key: str, complain: Complain) -> time:
    read: object = value
    if isinstance(value, str):
        try:
            read = time(0) if value == "24:00" else time.fromisoformat(value)
        except ValueError:
            read = None
    # The zone is the convention's, and rooms open on a minute: anything finer would be dropped unseen.
    if isinstance(read, time) and read.tzinfo is None and read == read.replace(second=0, microsecond=0):
        return read
    raise complain(key, f'`{key}` must be a time of day, for instance "07:30"')


_NAMES: dict[object, str] = {
    str: "text",
    int: "a whole number",
    bool: "true or false",
    date: "a date, for instance 2022-10-01",
}
