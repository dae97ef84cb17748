"""Whatever stands behind a key of a convention, the file is read or says where it cannot be: never anything else."""

from collections.abc import Iterable

import pytest

from belvedere.policy import ConventionError, read_convention
from tests.conventions.cuts import Cut, keys_with_odd_values
from tests.conventions.texts import CONVENTIONS, SLUGS

ODD = (
    "0", "-1", "99999999999", "1.5", "true", "inf", '"x"', '"art-99"', '"\\u0000"', '["x"]', '["x", 1]', '[["x"]]', "{}", "{ a = 1 }",
    "[{}]", "0001-01-01", "9999-12-31", "2026-01-01T00:00:00Z", "07:30:15", '"24:00"', '"Z9"', '["Z9"]', '["A5", "B"]',
)  # fmt: skip
_EVERY = 11


def _says_where(cuts: Iterable[Cut]) -> int:
    asked = 0
    for cut in cuts:
        asked += 1
        try:
            read_convention(cut.text.encode(), path="convention.md")
        except ConventionError as error:
            assert str(error).startswith("convention.md:"), cut.name  # noqa: PT017  what may be raised, not what must
        except Exception as error:
            raise AssertionError(f"{cut.name}: {error!r}") from error
    return asked


@pytest.mark.parametrize("slug", SLUGS)
def test_an_odd_value_is_read_or_named_with_its_place(slug: str) -> None:
    text = (CONVENTIONS / slug / "convention.md").read_text(encoding="utf-8")
    assert _says_where([*keys_with_odd_values(text, ODD)][::_EVERY]) > 150


@pytest.mark.sweep
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("slug", SLUGS)
def test_every_odd_value_is_read_or_named_with_its_place(slug: str) -> None:
    text = (CONVENTIONS / slug / "convention.md").read_text(encoding="utf-8")
    _says_where(keys_with_odd_values(text, ODD))
