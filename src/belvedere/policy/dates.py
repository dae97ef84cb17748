"""Days and instants as people write them, in both languages. Pure: no locale of the machine is asked."""

import re
from datetime import date

from belvedere.domain.text import Language

_MONTHS = {
    Language.FR: [
        "janvier",
        "février",
        "mars",
        "avril",
        "mai",
        "juin",
        "juillet",
        "août",
        "septembre",
        "octobre",
        "novembre",
        "décembre",
    ],
    Language.EN: [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
}
_WEEKDAYS = {"lun.": "Mon", "mar.": "Tue", "mer.": "Wed", "jeu.": "Thu", "ven.": "Fri", "sam.": "Sat", "dim.": "Sun"}
_NBSP = "\N{NO-BREAK SPACE}"
_HOUR = re.compile(r"(?<=\w\.) (?=\d\d:\d\d)")
_INSTANT = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?: (\d\d:\d\d))?")


def day_in_words(day: date, language: Language) -> str:
    """Return `1er décembre 2025`, or `1 December 2025`."""
    number = "1er" if day.day == 1 and language is Language.FR else str(day.day)
    return f"{number}{_NBSP}{_MONTHS[language][day.month - 1]}{_NBSP}{day.year}"


def instants_in_words(text: str, language: Language) -> str:
    """Return `2026-03-18 23:30` and `mer. 10:00` as people of the language write them; other words stay."""

    def dated(found: re.Match[str]) -> str:
        year, month, number, hour = found.groups()
        words = day_in_words(date(int(year), int(month), int(number)), language)
        return words if hour is None else f"{words}, {hour}"

    said = _HOUR.sub(_NBSP, _INSTANT.sub(dated, text))
    if language is Language.EN:
        for french, english in _WEEKDAYS.items():
            said = said.replace(french, english)
    return said


def unbroken(citation: str) -> str:
    """Return `CSI L252-1` so that no line breaks inside it."""
    return citation.replace("-", "\N{NON-BREAKING HYPHEN}").replace(" ", _NBSP)
