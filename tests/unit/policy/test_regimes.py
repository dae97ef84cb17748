"""What the other readings would answer: a parameter turned, and nothing else."""

from typing import Any

import pytest

from belvedere.domain.decision import Granted, Pending, Refused
from belvedere.policy import Convention, decide, parse_request, read_convention
from tests.conventions.texts import CONVENTIONS

VDA = (CONVENTIONS / "villeneuve-dascq-etat" / "convention.md").read_text(encoding="utf-8")
ROUEN = (CONVENTIONS / "rouen-metropole" / "convention.md").read_text(encoding="utf-8")
WEDNESDAY, SUNDAY_NIGHT = "2026-03-18T10:00:00+01:00", "2026-03-22T04:00:00+01:00"


def _turned(text: str, old: str, new: str) -> Convention:
    assert old in text
    return read_convention(text.replace(old, new).encode())


def _state(action: str, at: str, *, kind: str = "levee-de-doute", **state: object) -> dict[str, Any]:
    return {
        "action": action,
        "at": at,
        "agent": {"party": "etat", "service": "cic", "habilitated": True, "station_registered": True},
        "camera": {"id": "c", "owner": "villeneuve-dascq", "authorised_until": "2031-12-02", "ptz": True},
        "event": {"kind": kind, "open": True, "motive": "x"},
        "state": {"streams_in_use": 0, "authorisation_withdrawn": False, **state},
    }


def test_under_notification_the_state_steers_once_it_has_notified_for_any_event() -> None:
    notification = _turned(VDA, 'regime = "authorisation" ', 'regime = "notification" ')
    before = decide(notification, parse_request(_state("take_ptz", WEDNESDAY)))
    assert isinstance(before, Refused)
    assert before.cause.value == "not-notified"
    assert before.articles == ("vda-etat:art-3",)
    after = decide(notification, parse_request(_state("take_ptz", WEDNESDAY, notified=True)))
    assert isinstance(after, Granted)
    assert after.articles == ("vda-etat:art-3",)


def test_under_notification_an_authorisation_is_not_read() -> None:
    notification = _turned(VDA, 'regime = "authorisation" ', 'regime = "notification" ')
    given = {"by_role": "police-director", "until": "2026-03-18T12:00:00+01:00"}
    decision = decide(notification, parse_request(_state("take_ptz", WEDNESDAY, authorisation=given)))
    assert isinstance(decision, Refused)
    assert "state.authorisation" not in decision.facts


def test_the_deliberations_notice_for_any_use_is_owed_for_a_viewing_by_night() -> None:
    use = _turned(VDA, 'owed_for = "control"', 'owed_for = "use"')
    by_night = decide(use, parse_request(_state("view", SUNDAY_NIGHT)))
    assert isinstance(by_night, Granted)
    assert [each.kind.value for each in by_night.obligations] == ["notice-after"]
    by_day = decide(use, parse_request(_state("view", WEDNESDAY)))
    assert isinstance(by_day, Granted)
    assert by_day.obligations == ()


def test_by_the_hours_alone_an_evacuated_room_still_counts_as_active() -> None:
    hours = _turned(VDA, 'reads = "declared"', 'reads = "hours"')
    decision = decide(hours, parse_request(_state("take_ptz", WEDNESDAY, kind="trouble-grave", centre_inactive=True)))
    assert isinstance(decision, Pending)


def test_a_fresh_request_at_opening_is_the_alternative_to_a_lease_that_goes_on() -> None:
    fresh = _turned(VDA, "goes_on = true", "goes_on = false")
    lease = {"held_since": "2026-03-18T06:00:00+01:00", "granted_while": "closed"}
    decision = decide(fresh, parse_request(_state("take_ptz", "2026-03-18T07:45:00+01:00", lease=lease)))
    assert isinstance(decision, Refused)


def test_a_motive_may_be_required_at_once() -> None:
    required = _turned(VDA, 'motive = "owed"', 'motive = "required"')
    request = _state("view", WEDNESDAY)
    request["event"]["motive"] = None
    assert isinstance(decide(required, parse_request(request)), Refused)


def test_without_preemption_the_cic_waits_like_the_others() -> None:
    waiting = _turned(VDA, 'preempts = "first-listed"', 'preempts = "none"')
    holders = [{"camera": "a", "service": "gendarmerie"}]
    decision = decide(waiting, parse_request(_state("view", WEDNESDAY, streams_in_use=8, holders=holders)))
    assert isinstance(decision, Refused)
    assert "a (gendarmerie)" in decision.reason.fr


@pytest.mark.parametrize(("steering", "verdict"), [("no", Granted), ("unknown", Granted), ("yes", Refused)])
def test_steering_opened_by_both_parties_still_puts_the_owner_first(steering: str, verdict: type) -> None:
    opened = _turned(ROUEN, "allowed = false", "allowed = true")
    request = {
        "action": "take_ptz",
        "at": WEDNESDAY,
        "agent": {"party": "metropole-rouen", "service": "pcrt", "habilitated": True},
        "camera": {
            "id": "c",
            "owner": "rouen",
            "class": "ville",
            "commune": "Rouen",
            "authorised_until": "2031-12-02",
            "ptz": True,
        },
        "purpose": "regulation-trafic",
        "state": {"owner_is_steering": steering},
    }
    assert isinstance(decide(opened, parse_request(request)), verdict)


def test_a_convention_may_share_some_zones_only() -> None:
    scope = 'kind = "scope"\nowner = "villeneuve-dascq"\nto = "etat"\n'
    zoned = _turned(VDA, scope, scope + 'zones = ["centre"]\n')
    request = _state("view", WEDNESDAY)
    assert isinstance(decide(zoned, parse_request(request)), Refused)
    request["camera"]["zone"] = "centre"
    assert isinstance(decide(zoned, parse_request(request)), Granted)
