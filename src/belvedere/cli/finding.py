"""What a check of the settings found: a fact, its cause, a remedy; in French first."""

from dataclasses import dataclass
from enum import StrEnum

from belvedere.domain.text import Language, Text


class Weight(StrEnum):
    """What a finding means for the start of the node."""

    GOOD = "good"
    NOTE = "note"
    """Worth knowing; the node starts all the same."""
    FAULT = "fault"
    """The node would not start, or not do its work."""


_WORDS = {
    Weight.GOOD: Text("bon", "good"),
    Weight.NOTE: Text("à voir", "note"),
    Weight.FAULT: Text("FAUTE", "FAULT"),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report."""

    weight: Weight
    subject: Text
    fact: Text
    cause: Text | None = None
    remedy: Text | None = None

    def line(self, language: Language) -> str:
        """Return the line: weight, subject, then fact, cause and remedy as far as there are any."""
        french = language is Language.FR
        told = [part.in_language(language) for part in (self.fact, self.cause, self.remedy) if part is not None]
        weight, subject = _WORDS[self.weight].in_language(language), self.subject.in_language(language)
        return f"{weight:6} {subject}{' :' if french else ':'} {(' ; ' if french else '; ').join(told)}"


def good(subject: Text, fact: Text) -> Finding:
    """Return that all is well."""
    return Finding(Weight.GOOD, subject, fact)


def note(subject: Text, fact: Text, remedy: Text, *, cause: Text | None = None) -> Finding:
    """Return what is worth knowing."""
    return Finding(Weight.NOTE, subject, fact, cause, remedy)


def fault(subject: Text, fact: Text, remedy: Text, *, cause: Text | None = None) -> Finding:
    """Return what keeps the node from its work."""
    return Finding(Weight.FAULT, subject, fact, cause, remedy)


def as_said(failure: object) -> Text:
    """Return a cause in the words of whoever found it: a file's reader, the operating system."""
    words = " ".join(str(failure).split())
    return Text(f"« {words} »", words)
