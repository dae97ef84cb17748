"""Which passwords and PINs are taken: long ones, and none that is guessed first. No rule on kinds of characters.

What remains once the words that everybody tries, the agent's own words, runs (`12345`, `azerty`) and repeats are taken out
has to be long enough by itself. Pure; never repeats what it refuses. Source: OWASP ASVS 5.0, V6.2.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import cache
from itertools import pairwise

from belvedere.agents.tried_first import TRIED_PHRASES, TRIED_WORDS

LENGTH_MIN = 12
BYTES_MAX = 1024
REMAINING_MIN = 6
"""How many signs must remain that nobody tries first."""
PIN_DIGITS_MIN = 6
RUN_MIN = 4
_OWN_WORD_MIN = 3
_DISTINCT_MIN = 5
_DISTINCT_DIGITS_MIN = 3
_ROWS = (
    "azertyuiop",
    "qsdfghjklm",
    "wxcvbn",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "1234567890",
    "abcdefghijklmnopqrstuvwxyz",
)
_SPELT = str.maketrans("013457@$!€", "oieastasie")
"""Digits and signs that are written for letters."""
_TRIED_PINS = frozenset(
    {
        "123321",
        "112233",
        "121314",
        "159753",
        "147258",
        "258369",
        "147852",
        "123654",
        "789456",
        "456123",
        "159357",
        "142536",
    }
)


def weakness_of_password(password: str, own_words: Iterable[str] = ()) -> str | None:
    """Return why a password isn't taken, or None. `own_words`: the agent's login, label, party, service."""
    if len(password) < LENGTH_MIN:
        return f"shorter than {LENGTH_MIN} signs; take four words that have nothing to do with one another, or 15 signs"
    if len(password.encode(errors="replace")) > BYTES_MAX:
        return f"longer than {BYTES_MAX} bytes; shorten it"
    if len(set(password)) < _DISTINCT_MIN or _remaining(password, own_words) < REMAINING_MIN:
        return (
            "among those that are guessed first: made of common words, of the agent's own, of runs or repeats; take four "
            "words that have nothing to do with one another"
        )
    return None


def weakness_of_pin(pin: str) -> str | None:
    """Return why a PIN isn't taken, or None."""
    if len(pin) < PIN_DIGITS_MIN or not (pin.isascii() and pin.isdigit()):
        return f"a PIN has {PIN_DIGITS_MIN} digits or more; give that many"
    steps = {(int(after) - int(before)) % 10 for before, after in pairwise(pin)}
    if (
        len(set(pin)) < _DISTINCT_DIGITS_MIN
        or len(steps) == 1
        or re.fullmatch(r"(\d+?)\1+", pin) is not None
        or pin in _TRIED_PINS
    ):
        return "among those that are guessed first: a run, a repeat or a figure on the keys; take digits by chance"
    return None


def _plain(text: str) -> str:
    """Return letters and digits alone, in lower case and without accents."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(sign for sign in decomposed if sign.isalnum())


def _remaining(password: str, own_words: Iterable[str]) -> int:
    """Return how many signs of a password nobody tries first, however it is spelt."""
    own = {_plain(word) for words in own_words for word in (words, *re.split(r"[^\w]+|_", words))}
    words = sorted((word for word in own if len(word) >= _OWN_WORD_MIN), key=len, reverse=True)
    spellings = {_plain(password), _plain(password.translate(_SPELT))}
    if spellings & TRIED_PHRASES:
        return 0
    return min(_without(spelling, (*words, *TRIED_WORDS)) for spelling in spellings)


def _without(plain: str, words: tuple[str, ...]) -> int:
    for word in words:
        plain = plain.replace(word, " ")
    for run in _runs():
        plain = plain.replace(run, " ")
    plain = re.sub(r"(?:19|20)\d\d", " ", plain)
    plain = re.sub(r"(.{1,4}?)\1+", r"\1", plain)  # a repeat counts once
    return len(plain.replace(" ", ""))


@cache
def _runs() -> tuple[str, ...]:
    """Return every run of the keyboard's rows and the alphabet, both ways, the longest first."""
    found = {
        way[start : start + length]
        for row in _ROWS
        for way in (row, row[::-1])
        for length in range(RUN_MIN, len(row) + 1)
        for start in range(len(row) - length + 1)
    }
    return tuple(sorted(found, key=len, reverse=True))
