"""The hash of an agreement as twelve words that one person reads to another. Source: ledger-format 11; BIP-39, its lists.

They cover the text and the keys that it pins, so that whoever reads them has compared both: files may come over any channel.
"""

import hashlib
import unicodedata
from functools import cache

from mnemonic import Mnemonic

from belvedere.domain.text import Language

WORDS = 12
_BITS_A_WORD = 11
_LISTS = {Language.FR: "french", Language.EN: "english"}


def twelve_words(*, text_sha256: str, keys_sha256: str, language: Language) -> tuple[str, ...]:
    """Return the words of a text's hash and its keys' (hex): the first 132 bits of the SHA-256 of both, eleven a word."""
    digest = hashlib.sha256(bytes.fromhex(text_sha256) + bytes.fromhex(keys_sha256)).digest()
    bits = int.from_bytes(digest) >> (len(digest) * 8 - WORDS * _BITS_A_WORD)
    numbers = (bits >> (_BITS_A_WORD * place) & (1 << _BITS_A_WORD) - 1 for place in reversed(range(WORDS)))
    words = _list(language)
    return tuple(words[number] for number in numbers)


@cache
def _list(language: Language) -> tuple[str, ...]:
    # The French list spells its accents apart from their letters.
    return tuple(unicodedata.normalize("NFC", word) for word in Mnemonic(_LISTS[language]).wordlist)
