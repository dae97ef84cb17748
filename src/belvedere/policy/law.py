"""What French law adds to every convention: its limits, and how its texts are cited.

Owns: the values of rules C1 to C13 that the program compares with, each with its reference. A convention may be
stricter than these, never looser. Does not know: any convention. Texts change: every value is a setting, passed to
`load_convention`; `read_on` says on which day the texts were read.
"""

from dataclasses import dataclass
from datetime import date

from belvedere.domain.ids import ArticleRef

RECIPIENTS = (ArticleRef("csi:L252-3"), ArticleRef("csi:R253-3"))
"""Recipients are individually designated and habilitated; municipal agents stay on their own territory (rules C3)."""

PREFECT_ORDER = (ArticleRef("csi:L252-1"), ArticleRef("csi:L252-4"))
"""A camera is authorised by the prefect, for five years at most (rules C1)."""

PREFECT_AUTHORISES = (ArticleRef("csi:L252-1"),)
"""Without the prefect's authorisation there is no video protection at all (rules C1)."""

PURPOSES = (ArticleRef("csi:L251-2"),)
"""The closed list of purposes (rules C2)."""

KEPT_AT_MOST = ("csi:L252-5", "csi:R253-4", "csi:R253-5")
"""Recordings are kept one month at most, the journal three years at most (rules C4, C5)."""

MASKS = (ArticleRef("csi:L251-3"),)
"""No view into homes or specifically of their entrances (rules C7)."""

KNOWN_TEXTS: dict[str, str] = {
    "csi:L223-4": "Code de la sécurité intérieure, article L223-4",
    "csi:L251-2": "Code de la sécurité intérieure, article L251-2",
    "csi:L251-3": "Code de la sécurité intérieure, article L251-3",
    "csi:L252-1": "Code de la sécurité intérieure, article L252-1",
    "csi:L252-3": "Code de la sécurité intérieure, article L252-3",
    "csi:L252-4": "Code de la sécurité intérieure, article L252-4",
    "csi:L252-5": "Code de la sécurité intérieure, article L252-5",
    "csi:L252-6": "Code de la sécurité intérieure, article L252-6",
    "csi:L252-7": "Code de la sécurité intérieure, article L252-7",
    "csi:R253-1": "Code de la sécurité intérieure, article R253-1",
    "csi:R253-3": "Code de la sécurité intérieure, article R253-3",
    "csi:R253-4": "Code de la sécurité intérieure, article R253-4",
    "csi:R253-5": "Code de la sécurité intérieure, article R253-5",
    "csi:R253-6": "Code de la sécurité intérieure, article R253-6",
    "cpp:60-1": "Code de procédure pénale, article 60-1",
    "cpp:77-1-1": "Code de procédure pénale, article 77-1-1",
    "cpp:99-3": "Code de procédure pénale, article 99-3",
    "route:L121-3": "Code de la route, article L121-3",
    "route:L130-9": "Code de la route, article L130-9",
    "route:R121-6": "Code de la route, article R121-6",
    "travail:L3133-1": "Code du travail, article L3133-1",
    "arrete:2007-08-03": "Arrêté du 3 août 2007 portant définition des normes techniques",
}
"""Every text of law that a clause may cite, and its name in full."""

LAW_ORDER = tuple(KNOWN_TEXTS)
"""The one order in which texts of law are read and cited: before every convention."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Law:
    """The limits that no convention may loosen. Units stand last in the names."""

    read_on: date = date(2026, 11, 22)
    order_years_max: int = 5
    """CSI L252-4."""
    recordings_months_max: int = 1
    """CSI L252-5."""
    journal_years_max: int = 3
    """CSI R253-5."""
    event_order_months_max: int = 4
    """CSI L252-6, L252-7, L223-4."""
    requisition_kinds: tuple[str, ...] = ("cpp-60-1", "cpp-77-1-1", "cpp-99-3")
    """CPP 60-1, 77-1-1, 99-3."""


FRENCH_LAW = Law()
"""The texts as they were read on `read_on`."""
