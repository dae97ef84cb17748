"""From JSON to a request, and back from the facts of a record to the request that they answer.

Only what the API names makes a request bad (api, A request to decide); any other member that is missing, null or ill-typed is *not given*.
"""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time

from belvedere.domain.clock import Instant
from belvedere.domain.decision import FactValue
from belvedere.domain.request import (
    AgentFacts,
    AuthorisationFacts,
    CameraFacts,
    DecisionRequest,
    EventFacts,
    Holder,
    HoursOverride,
    LeaseFacts,
    OwnerIsSteering,
    RequisitionFacts,
    StateFacts,
    SuspensionFacts,
)
from belvedere.domain.untrusted_text import KEY_PARTS_MAX, YEARS, BadText, read_json
from belvedere.domain.vocabulary import Action
from belvedere.policy.failures import BadRequest

_CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")
_ANY_INSTANT = "2000-01-01T00:00:00+00:00"
_ANY_CAMERA = "-"

Json = Mapping[str, object]


def parse_request(request: str | bytes | Mapping[str, object]) -> DecisionRequest:
    """Return the request that a JSON text, or what it was read into, spells.

    Raises:
        BadRequest: it is not JSON, or `action`, `at`, `agent.party`, `camera.id` or `camera.owner` is missing or
            ill-typed; names the field.
    """
    body = _read(request) if isinstance(request, str | bytes) else request
    agent, camera = _table(body.get("agent")), _table(body.get("camera"))
    return DecisionRequest(
        action=_action(body.get("action")),
        at=_required_instant(body.get("at")),
        agent=AgentFacts(
            party=_required_text(agent.get("party"), "agent.party"),
            service=_text(agent.get("service")),
            habilitated=_flag(agent.get("habilitated")),
            station_registered=_flag(agent.get("station_registered")),
        ),
        camera=CameraFacts(
            id=_required_text(camera.get("id"), "camera.id"),
            owner=_required_text(camera.get("owner"), "camera.owner"),
            commune=_text(camera.get("commune")),
            zone=_text(camera.get("zone")),
            camera_class=_text(camera.get("class")),
            authorised_until=_day(camera.get("authorised_until")),
            ptz=_flag(camera.get("ptz")),
        ),
        event=_event(body.get("event")),
        purpose=_text(body.get("purpose")),
        requisition=_requisition(body.get("requisition")),
        state=_state(_table(body.get("state"))),
    )


def request_from_facts(facts: Mapping[str, FactValue]) -> DecisionRequest:
    """Return the request that a decision's facts answer; what it did not read is not given.

    Deciding it again with the same convention gives the same decision.

    Raises:
        BadRequest: the facts lack what every decision reads.
    """
    body: dict[str, object] = {"at": _ANY_INSTANT, "camera": {"id": _ANY_CAMERA}}
    for name, value in facts.items():
        *path, last = name.split(".", KEY_PARTS_MAX)
        table = body
        for step in path:
            inner = table.setdefault(step, {})
            if not isinstance(inner, dict):
                raise BadRequest(name, "is a part of what is no table")
            table = inner
        table[last] = value
    return parse_request(body)


def _read(text: str | bytes) -> Json:
    try:
        body = read_json(text)
    except BadText as error:
        raise BadRequest("request", str(error)) from None
    if not isinstance(body, dict):
        raise BadRequest("request", "must be a JSON object; `action` is missing")
    return body


def _table(value: object) -> Json:
    return value if isinstance(value, dict | Mapping) else {}


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and _can_be_written(value) else None


def _can_be_written(text: str) -> bool:
    """Tell whether `text` is text: JSON can spell half a character (a lone surrogate), which no answer can repeat."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _flag(value: object) -> bool | None:
    return value if isinstance(value, bool) else None


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _required_text(value: object, field: str) -> str:
    if value is None:
        raise BadRequest(field, "is missing")
    text = _text(value)
    if text is None:
        raise BadRequest(field, "must be text")
    return text


def _action(value: object) -> Action:
    known = ", ".join(Action)
    if value is None:
        raise BadRequest("action", f"is missing; one of: {known}")
    if not isinstance(value, str) or value not in set(Action):
        raise BadRequest("action", f"must be one of: {known}")
    return Action(value)


def _required_instant(value: object) -> Instant:
    if value is None:
        raise BadRequest("at", "is missing")
    instant = _instant(value)
    if instant is None:
        raise BadRequest("at", "must be an RFC 3339 instant with its offset, for instance 2026-03-28T23:30:00+01:00")
    return instant


def _instant(value: object) -> Instant | None:
    if not isinstance(value, str) or len(value) < len("2026-03-28T23:30Z"):
        return None
    try:
        instant = datetime.fromisoformat(value)
        if instant.tzinfo is None:
            return None
        shown_utc = instant.astimezone(UTC)  # refuses what no clock can show
    except (ValueError, OverflowError):
        return None
    return instant if shown_utc.year in YEARS else None


def _day(value: object) -> date | None:
    if not isinstance(value, str):
        return None
    try:
        day = date.fromisoformat(value)
    except ValueError:
        return None
    return day if day.year in YEARS else None


def _event(value: object) -> EventFacts | None:
    if not isinstance(value, dict | Mapping):
        return None
    return EventFacts(kind=_text(value.get("kind")), open=_flag(value.get("open")), motive=_text(value.get("motive")))


def _requisition(value: object) -> RequisitionFacts | None:
    if not isinstance(value, dict | Mapping):
        return None
    return RequisitionFacts(
        kind=_text(value.get("kind")),
        reference=_text(value.get("reference")),
        file_sha256=_text(value.get("file_sha256")),
    )


def _state(value: Json) -> StateFacts:
    return StateFacts(
        streams_in_use=_count(value.get("streams_in_use")),
        camera_in_use=_flag(value.get("camera_in_use")),
        holders=_holders(value.get("holders")),
        lease=_lease(value.get("lease")),
        authorisation=_authorisation(value.get("authorisation")),
        notified=_flag(value.get("notified")),
        hours_override=_override(value.get("hours_override")),
        centre_inactive=_flag(value.get("centre_inactive")),
        owner_is_steering=_steering(value.get("owner_is_steering")),
        authorisation_withdrawn=_flag(value.get("authorisation_withdrawn")),
        suspended=_suspended(value.get("suspended")),
        facts={
            name: fact
            for name, fact in _table(value.get("facts")).items()
            if isinstance(fact, bool) and _can_be_written(name)
        },
    )


def _holders(value: object) -> tuple[Holder, ...] | None:
    """Return who holds what; a holder whose service is not given is kept, with none: nobody may take its camera."""
    if not isinstance(value, list | tuple):
        return None
    entries = [_table(each) for each in value]
    cameras = [(_text(each.get("camera")), _text(each.get("service"))) for each in entries]
    return tuple(Holder(camera, service or "") for camera, service in cameras if camera is not None)


def _lease(value: object) -> LeaseFacts | None:
    if not isinstance(value, dict | Mapping):
        return None
    return LeaseFacts(held_since=_instant(value.get("held_since")), granted_while=_text(value.get("granted_while")))


def _authorisation(value: object) -> AuthorisationFacts | None:
    if not isinstance(value, dict | Mapping):
        return None
    return AuthorisationFacts(by_role=_text(value.get("by_role")), until=_instant(value.get("until")))


def _override(value: object) -> HoursOverride | None:
    if not isinstance(value, dict | Mapping):
        return None
    opens, closes = _time(value.get("open")), _time(value.get("close"))
    return None if opens is None or closes is None else HoursOverride(opens, closes)


def _time(value: object) -> time | None:
    if not isinstance(value, str):
        return None
    if value == "24:00":
        return time(0)
    found = _CLOCK.fullmatch(value)
    return None if found is None else time(int(found[1]), int(found[2]))


def _steering(value: object) -> OwnerIsSteering | None:
    """Return the owner's hand; of which nothing is said is unknown, and a word that is none of the three is None."""
    if value is None:
        return OwnerIsSteering.UNKNOWN
    if isinstance(value, bool):
        return OwnerIsSteering.YES if value else OwnerIsSteering.NO
    try:
        return OwnerIsSteering(str(value))
    except ValueError:
        return None


def _suspended(value: object) -> SuspensionFacts | None:
    """Return the suspension; one that is not a table still is one, of which nothing else is known."""
    if value is None or value is False:
        return None
    table = _table(value)
    return SuspensionFacts(ground=_text(table.get("ground")), by_role=_text(table.get("by_role")))
