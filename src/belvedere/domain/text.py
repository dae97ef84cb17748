"""A message in the two languages of the screens."""

from dataclasses import dataclass
from enum import StrEnum


class Language(StrEnum):
    """The languages in which the product speaks; French comes first."""

    FR = "fr"
    EN = "en"


@dataclass(frozen=True, slots=True)
class Text:
    """One message, whole in French and in English."""

    fr: str
    en: str

    def in_language(self, language: Language) -> str:
        """Return the message in `language`."""
        return self.fr if language is Language.FR else self.en
