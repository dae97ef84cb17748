"""What is wrong with a field that pydantic refused, in both languages: its own words are English alone."""

from collections.abc import Mapping
from typing import Any

from belvedere.domain.text import Text

BadField = tuple[str, Text]
"""The field's dotted name as the client knows it, and what is wrong with it."""

NOT_JSON = Text("n'est pas du JSON", "not JSON")
OTHER_CONVENTION = Text(
    "une autre convention, ou d'autres parties, que celle en vigueur",
    "another convention, or other parties, than the one in force",
)
FRENCH = {
    "missing": "manque",
    "extra_forbidden": "n'est pas attendu",
    "string_type": "doit être un texte",
    "string_too_short": "au moins {min_length} caractère(s)",
    "string_too_long": "au plus {max_length} caractères",
    "string_pattern_mismatch": "n'a pas la forme attendue, ou contient un caractère de contrôle",
    "string_unicode": "contient un caractère qui n'existe pas",
    "literal_error": "l'un de : {expected}",
    "enum": "l'un de : {expected}",
    "bool_type": "vrai ou faux",
    "bool_parsing": "vrai ou faux",
    "int_type": "un nombre entier",
    "int_parsing": "un nombre entier",
    "greater_than_equal": "au moins {ge}",
    "less_than_equal": "au plus {le}",
    "dict_type": "un objet JSON",
    "model_attributes_type": "un objet JSON",
    "list_type": "une liste JSON",
    "too_long": "au plus {max_length} éléments",
    "date_from_datetime_parsing": "un jour, AAAA-MM-JJ",
    "date_type": "un jour, AAAA-MM-JJ",
    "datetime_from_date_parsing": "un instant, par exemple 2026-03-29T01:59:50Z",
    "datetime_type": "un instant, par exemple 2026-03-29T01:59:50Z",
    "timezone_aware": "un instant avec son fuseau, par exemple 2026-03-29T01:59:50Z",
}
_ELSE = "n'est pas une valeur admise"


def bad_field(found: Mapping[str, Any]) -> BadField:
    """Return one error of pydantic as a field of ours."""
    place = [str(part) for part in found["loc"] if part not in ("body", "query", "path")]
    if found["type"] == "json_invalid":
        return "body", NOT_JSON
    french = FRENCH.get(found["type"], _ELSE).format_map(found.get("ctx") or {})
    return ".".join(place) or "body", Text(french, str(found["msg"]))
