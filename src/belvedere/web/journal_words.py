"""What the journal's file says, for someone who opens it in a table program. An end's words are its cause's."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from zoneinfo import ZoneInfo

from belvedere.domain.articles_of_speech import of
from belvedere.domain.clock import Instant
from belvedere.domain.journal import Compared, JournalEvent, JournalState, JournalViewing, MotiveGiven
from belvedere.domain.text import Language, Text
from belvedere.inventory.cameras import Camera
from belvedere.policy.wording import VALUE_WORDS

_HEADS = (
    Text("Caméra n°", "Camera no."),
    Text("Caméra", "Camera"),
    Text("De ({zone})", "From ({zone})"),
    Text("À ({zone})", "To ({zone})"),
    Text("Durée, min", "Duration, min"),
    Text("Partie", "Party"),
    Text("Service", "Service"),
    Text("Agents", "Agents"),
    Text("Poste", "Station"),
    Text("Événement", "Event"),
    Text("Motif", "Motive"),
    Text("Motifs remplacés", "Motives replaced"),
    Text("N° d'appel", "Call number"),
    Text("Finalité", "Purpose"),
    Text("Articles", "Articles"),
    Text("Fin : cause", "End: cause"),
    Text("Fin : articles", "End: articles"),
    Text("Inscription n°", "Entry no."),
    Text("Comparé aux inscriptions", "Compared with the entries"),
)

RUNS = Text("en cours", "running")
TO_COME = Text("motif à venir", "motive to come")
ERASED = Text("motif qui n'est plus dans ce journal", "motive no longer in this journal")
NOT_SETTLED = {
    JournalState.COMPARING: Text(
        "comparaison en cours : une vue peut manquer", "comparison under way: a viewing may be missing"
    ),
    JournalState.DIFFERS: Text(
        "différence constatée : une vue peut manquer", "a difference was found: a viewing may be missing"
    ),
    JournalState.UNSOUND: Text("inscriptions altérées", "entries altered"),
}
"""What the last cell says where the tables are not known to say what the entries say."""


def heads(zone: ZoneInfo, language: Language) -> Iterator[str]:
    """Yield what stands over the columns; times are `zone`'s."""
    for head in _HEADS:
        yield head.in_language(language).replace("{zone}", zone_words(zone).in_language(language))


def zone_words(zone: ZoneInfo) -> Text:
    """Return what a zone's time is called, after the place that its id names: "heure d'Athens", "Athens time"."""
    region, _, place = zone.key.replace("_", " ").rpartition("/")
    return Text(f"heure {of(place) if region else place}", f"{place} time")


def cells(
    viewing: JournalViewing, camera: Camera | None, *, compared: Compared, zone: ZoneInfo, language: Language
) -> Iterator[object]:
    """Yield what one line says of a viewing, in the order of `heads`."""
    yield viewing.camera if camera is None else camera.number
    yield "" if camera is None else camera.name
    yield wall(viewing.opened_at, zone)
    yield RUNS.in_language(language) if viewing.ended_at is None else wall(viewing.ended_at, zone)
    yield None if viewing.ended_at is None else _minutes(viewing.ended_at - viewing.opened_at)
    yield viewing.party
    yield viewing.watchers[-1].service if viewing.watchers else ""
    yield " ; ".join(f"{each.agent} ({each.name})" if each.name else each.agent for each in viewing.watchers)
    yield viewing.station_label or viewing.station
    yield "" if viewing.event is None else _word(VALUE_WORDS, viewing.event.kind, language)
    yield None if viewing.event is None else _motive(viewing.event, language)
    yield "" if viewing.event is None else _replaced(viewing.event.motives, zone)
    yield None if viewing.event is None else viewing.event.dispatch_number
    yield "" if viewing.purpose is None else _word(VALUE_WORDS, viewing.purpose, language)
    yield " ".join(viewing.articles)
    yield "" if viewing.cause is None else viewing.cause.words.title.in_language(language)
    yield " ".join(viewing.ended_articles)
    yield viewing.index
    unsettled = NOT_SETTLED.get(compared.state)
    if unsettled is None:
        yield "" if compared.at is None else wall(compared.at, zone)
    else:
        yield unsettled.in_language(language)


def _motive(event: JournalEvent, language: Language) -> str | None:
    if event.to_come:
        return TO_COME.in_language(language)
    return ERASED.in_language(language) if event.erased else event.motive


def _replaced(motives: Sequence[MotiveGiven], zone: ZoneInfo) -> str:
    """Return each motive that another replaced, with who gave it and when, and who gave the one that holds."""
    if len(motives) < 2:
        return ""
    told = [f"« {each.words} » ({_author(each)}, {wall(each.at, zone)})" for each in motives[:-1]]
    return " → ".join([*told, f"({_author(motives[-1])}, {wall(motives[-1].at, zone)})"])


def _author(motive: MotiveGiven) -> str:
    return f"{motive.agent} : {motive.name}" if motive.name else motive.agent or "?"


def wall(at: Instant, zone: ZoneInfo) -> str:
    """Return the wall clock's reading, as table programs of every language take it."""
    return at.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")


def _minutes(length: timedelta) -> float:
    return round(length.total_seconds() / 60, 1)


def _word(words: dict[str, Text], value: str, language: Language) -> str:
    found = words.get(value)
    return value if found is None else found.in_language(language)
