"""How a noun that is given with its article (« le CSU », "the city") follows another word."""

_VOWELS = frozenset("aàâeéèêëhiîïoôuùûyœAÀÂEÉÈÊËHIÎÏOÔUÙÛYŒ")


def of(noun: str) -> str:
    """Return a French noun after « de »: du CSU, des Vosges, de l'État, d'Athènes."""
    if noun.startswith(("le ", "les ")):
        return ("du " if noun.startswith("le ") else "des ") + noun.partition(" ")[2]
    return f"d'{noun}" if noun[:1] in _VOWELS else f"de {noun}"


def to(noun: str) -> str:
    """Return a French noun after « à »: au directeur, aux Vosges, à la direction."""
    if noun.startswith(("le ", "les ")):
        return ("au " if noun.startswith("le ") else "aux ") + noun.partition(" ")[2]
    return f"à {noun}"


def bare(noun: str) -> str:
    """Return a noun without its article, in French or in English: directeur, État, city."""
    for article in ("le ", "la ", "les ", "l'", "l’", "the "):
        if noun.startswith(article):
            return noun.removeprefix(article)
    return noun
