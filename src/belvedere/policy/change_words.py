"""The situations of a comparison in words, for someone who does not program. Pure."""

import re
from collections.abc import Iterator, Mapping

from belvedere.domain.text import Language, Text
from belvedere.policy.changes import Change
from belvedere.policy.convention import Convention
from belvedere.policy.names import names_of
from belvedere.policy.wording import VALUE_WORDS

FACT_WORDS: dict[str, Text] = {
    "agent.party": Text("pour", "for"),
    "agent.service": Text("service", "service"),
    "agent.habilitated": Text("agent habilité", "agent habilitated"),
    "agent.station_registered": Text("poste enregistré", "station registered"),
    "camera.owner": Text("caméras de", "cameras of"),
    "camera.class": Text("classe de caméra", "class of camera"),
    "camera.commune": Text("commune", "commune"),
    "camera.zone": Text("secteur", "zone"),
    "camera.authorised_until": Text("autorisation de la caméra", "the camera's order"),
    "camera.ptz": Text("caméra pilotable", "camera that turns"),
    "event.kind": Text("événement", "event"),
    "event.open": Text("événement ouvert", "event open"),
    "event.motive": Text("motif", "motive"),
    "purpose": Text("finalité", "purpose"),
    "requisition": Text("réquisition", "requisition"),
    "at": Text("quand", "when"),
    "state.streams_in_use": Text("flux en cours", "running streams"),
    "state.camera_in_use": Text("caméra déjà vue", "camera already watched"),
    "state.holders": Text("flux tenus par", "streams held by"),
    "state.lease": Text("prise en main", "takeover"),
    "state.authorisation": Text("autorisation", "authorisation"),
    "state.notified": Text("salle prévenue", "room told"),
    "state.hours_override": Text("heures changées", "changed hours"),
    "state.centre_inactive": Text("salle déclarée inactive", "room declared inactive"),
    "state.owner_is_steering": Text("le propriétaire pilote", "the owner steers"),
    "state.authorisation_withdrawn": Text("autorisation du préfet retirée", "the prefect's authorisation withdrawn"),
    "state.suspended": Text("flux suspendu", "stream suspended"),
}
"""Every fact that a convention reads."""

_LABELS: dict[str, Text] = {
    "oui": Text("oui", "yes"),
    "non": Text("non", "no"),
    "inconnu": Text("inconnu", "unknown"),
    "inconnue": Text("inconnue", "unknown"),
    "inconnus": Text("on ne sait qui", "nobody knows whom"),
    "aucun": Text("aucun", "none"),
    "aucune": Text("aucune", "none"),
    "autre": Text("autre", "other"),
    "en cours": Text("en cours", "running"),
    "expirée": Text("expirée", "over"),
    "donné": Text("donné", "given"),
    "à venir": Text("à venir", "to come"),
    "complète": Text("complète", "complete"),
    "incomplète": Text("incomplète", "incomplete"),
    "hors liste": Text("hors liste", "not listed"),
    "une d'un autre service": Text("plusieurs services", "several services"),
    "prise salle fermée": Text("prise salle fermée", "taken while the room was closed"),
    "prise salle ouverte": Text("prise salle ouverte", "taken while the room was open"),
    "par un autre rôle": Text("par un autre rôle", "by another role"),
    "motif hors liste": Text("motif hors liste", "ground not listed"),
    "motif et rôle inconnus": Text("motif et rôle inconnus", "ground and role unknown"),
    "en vigueur": Text("en vigueur", "in force"),
    "salle ouverte": Text("salle ouverte", "room open"),
    "salle fermée": Text("salle fermée", "room closed"),
    "avant l'entrée en vigueur": Text("avant l'entrée en vigueur", "before coming into force"),
    "après le terme": Text("après le terme", "after the term"),
    "toujours": Text("toujours", "always"),
    "passée": Text("passée", "past"),
    "seul": Text("seul", "alone"),
}
"""The labels of `situations`, which are French."""


def conditions(change: Change, convention: Convention, language: Language) -> tuple[str, ...]:
    """Return what the situations of a change share, in words; empty where every ordinary situation is meant."""
    names = names_of(convention, language)
    colon = " : " if language is Language.FR else ": "
    return tuple(
        f"{FACT_WORDS[name].in_language(language)}{colon}{', '.join(_values(labels, names, language))}"
        for name, labels in change.facts.items()
    )


def _values(labels: tuple[str, ...], names: Mapping[str, str], language: Language) -> Iterator[str]:
    said = (_label(part, names, language) for label in labels for part in _parts(label))
    yield from dict.fromkeys(said)


def _parts(label: str) -> Iterator[str]:
    """Yield the alternatives of a label; of an instant its standing alone, for the day itself means nothing."""
    for part in re.split(r"\s*\|\s*", re.sub(r"\s*\(\d{4}-[^)]*\)", "", label)):
        yield part.replace("en vigueur, ", "")


def _label(part: str, names: Mapping[str, str], language: Language) -> str:
    if part in names:
        return names[part]
    if " / " in part:
        # Two texts, and the room is open by one of them alone.
        return " → ".join(_label(side, names, language) for side in part.split(" / "))
    if part in _LABELS:
        return _LABELS[part].in_language(language)
    if part in VALUE_WORDS:
        return VALUE_WORDS[part].in_language(language)
    # A role whose authorisation is past; a service alone.
    whose, _, past = part.partition(", ")
    if past == "passée":
        return f"{_label(whose, names, language)} ({_label(past, names, language)})"
    who, _, alone = part.rpartition(" ")
    return f"{_label(who, names, language)} {_label(alone, names, language)}" if alone == "seul" else part
