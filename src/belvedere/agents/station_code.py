"""A station's code: read aloud, copied from a paper and typed at the station, so it has no signs that look alike.

Crockford's base 32, in groups of four. What is kept is the digest of the code without its hyphens. Pure.
"""

_SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_ALIKE = str.maketrans({"O": "0", "I": "1", "L": "1"})
_BITS = 5
GROUP = 4
SIGNS = 20
"""One hundred random bits: beyond guessing, also for whoever holds the digests."""
RANDOM_BYTES = 13


def code_from(random: bytes) -> str:
    """Return the code that `RANDOM_BYTES` random bytes spell, without hyphens."""
    number = int.from_bytes(random) >> (8 * len(random) - _BITS * SIGNS)
    return "".join(_SIGNS[number >> _BITS * place & 31] for place in reversed(range(SIGNS)))


def in_groups(code: str) -> str:
    """Return the code as it is shown: `7Q2M-4PPA-…`."""
    return "-".join(code[at : at + GROUP] for at in range(0, len(code), GROUP))


def spellings(typed: str) -> tuple[str, ...]:
    """Return what the typed words may stand for: themselves, and the code that they spell with alike signs mistaken."""
    code = "".join(sign for sign in typed.upper() if sign.isalnum()).translate(_ALIKE)
    return (typed,) if code == typed or len(code) != SIGNS else (typed, code)
