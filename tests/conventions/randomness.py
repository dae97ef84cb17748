"""Requests at random: every member from a few telling values, `at` anywhere, often near the edges of hours."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st


def iso(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


_EDGES = [
    datetime(2026, 3, 28, 23, 0, tzinfo=UTC),
    datetime(2026, 3, 29, 1, 0, tzinfo=UTC),
    datetime(2026, 10, 25, 0, 0, tzinfo=UTC),
    datetime(2026, 10, 25, 1, 0, tzinfo=UTC),
    datetime(2026, 7, 14, 8, 0, tzinfo=UTC),
    datetime(2026, 7, 14, 16, 0, tzinfo=UTC),
    datetime(2026, 4, 6, 16, 0, tzinfo=UTC),
    datetime(2027, 1, 1, 9, 0, tzinfo=UTC),
    datetime(2022, 9, 30, 22, 0, tzinfo=UTC),
    datetime(2025, 6, 30, 22, 0, tzinfo=UTC),
    datetime(2030, 6, 30, 22, 0, tzinfo=UTC),
    datetime(2026, 3, 18, 9, 0, tzinfo=UTC),
    datetime(2026, 3, 22, 17, 0, tzinfo=UTC),
]

INSTANTS = st.one_of(
    st.builds(lambda edge, minutes: edge + timedelta(minutes=minutes), st.sampled_from(_EDGES), st.integers(-90, 90)),
    st.integers(0, 9 * 365 * 24 * 60).map(
        lambda minutes: datetime(2022, 9, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    ),
)


def maybe(*values: object) -> st.SearchStrategy[object]:
    return st.sampled_from([*values, None])


REQUESTS = st.fixed_dictionaries(
    {
        "action": st.sampled_from(["view", "take_ptz", "view", "take_ptz", "record", "extract", "read_inventory"]),
        "at": INSTANTS.map(lambda at: at.isoformat()),
        "agent": st.fixed_dictionaries(
            {
                "party": st.sampled_from(["etat", "etat", "villeneuve-dascq", "rouen", "metropole-rouen", "lille"]),
                "service": maybe("cic", "csu", "pcrt", "gendarmerie"),
                "habilitated": st.sampled_from([True, True, True, False, None]),
                "station_registered": st.sampled_from([True, True, True, False, None]),
            }
        ),
        "camera": st.fixed_dictionaries(
            {
                "id": st.just("c-1"),
                "owner": st.sampled_from(["villeneuve-dascq", "villeneuve-dascq", "rouen", "metropole-rouen", "etat"]),
                "commune": st.sampled_from(["Rouen", "Rouen", "Villeneuve-d'Ascq", None]),
                "zone": maybe("centre", "stade"),
                "class": maybe("ville", "borne", "trafic", "voie-publique"),
                "authorised_until": st.sampled_from(["2031-12-02", "2031-12-02", "2026-03-28", "2026-10-24", None]),
                "ptz": st.sampled_from([True, True, True, False, None]),
            }
        ),
        "event": st.one_of(
            st.none(),
            st.fixed_dictionaries(
                {
                    "kind": st.sampled_from(
                        ["trouble-grave", "trouble-grave", "levee-de-doute", "recherche-personne", "?"]
                    ),
                    "open": st.sampled_from([True, True, True, False, None]),
                    "motive": maybe("appel", " "),
                }
            ),
        ),
        "purpose": maybe("regulation-trafic", "verbalisation", "alerte-terrain", "video-verbalisation", "?"),
        "requisition": st.one_of(
            st.none(),
            st.fixed_dictionaries(
                {"kind": maybe("cpp-60-1", "?"), "reference": maybe("r", ""), "file_sha256": maybe("0" * 64)}
            ),
        ),
        "state": st.fixed_dictionaries(
            {
                "streams_in_use": maybe(0, 7, 8, 9),
                "camera_in_use": maybe(True, False),
                "holders": st.one_of(
                    st.none(),
                    st.lists(
                        st.fixed_dictionaries(
                            {
                                "camera": st.sampled_from(["a", "b", "c"]),
                                "service": st.sampled_from(["cic", "gendarmerie"]),
                            }
                        ),
                        max_size=6,
                    ),
                ),
                "lease": st.one_of(
                    st.none(),
                    st.fixed_dictionaries(
                        {
                            "held_since": st.one_of(st.none(), INSTANTS.map(iso)),
                            "granted_while": maybe("closed", "active"),
                        }
                    ),
                ),
                "authorisation": st.one_of(
                    st.none(),
                    st.fixed_dictionaries(
                        {
                            "by_role": maybe("csu-room-chief", "police-director", "csu-operator"),
                            "until": st.one_of(st.none(), INSTANTS.map(iso)),
                        }
                    ),
                ),
                "notified": maybe(True, False),
                "hours_override": maybe(
                    {"open": "10:00", "close": "23:00"},
                    {"open": "18:00", "close": "01:30"},
                    {"open": "09:00", "close": "09:00"},
                    {"open": "06:00", "close": "02:30"},
                ),
                "centre_inactive": st.sampled_from([False, False, False, True, None]),
                "owner_is_steering": maybe("unknown", "no", "yes"),
                "authorisation_withdrawn": st.sampled_from([False, False, False, False, True, None]),
                "suspended": st.one_of(
                    st.none(),
                    st.none(),
                    st.none(),
                    st.fixed_dictionaries(
                        {
                            "ground": maybe("security-incident", "mask-fault", "?"),
                            "by_role": maybe("police-director", "csu-operator"),
                        }
                    ),
                ),
                "facts": st.dictionaries(st.sampled_from(["pc-police-active", "?"]), st.booleans(), max_size=2),
            }
        ),
    }
)


GOOD: dict[str, dict[str, Any]] = {
    "vda-etat": {
        "action": "take_ptz",
        "agent": {"party": "etat", "service": "cic", "habilitated": True, "station_registered": True},
        "camera": {"id": "c-1", "owner": "villeneuve-dascq", "authorised_until": "2031-12-02", "ptz": True},
        "event": {"kind": "trouble-grave", "open": True, "motive": "appel"},
        "state": {"streams_in_use": 7, "camera_in_use": False, "authorisation_withdrawn": False},
    },
    "rouen-mrn": {
        "action": "view",
        "agent": {"party": "rouen", "service": "csu", "habilitated": True},
        "camera": {
            "id": "c-1",
            "owner": "metropole-rouen",
            "authorised_until": "2031-12-02",
            "class": "trafic",
            "commune": "Rouen",
        },
        "purpose": "alerte-terrain",
        "state": {},
    },
}


def spoilt(good: Mapping[str, Any], drawn: Mapping[str, Any], taken: set[str]) -> dict[str, Any]:
    """Return the good request with the members `taken` replaced by those drawn at random."""
    spoilt: dict[str, Any] = {}
    for name, value in {**drawn, **good}.items():
        if isinstance(value, Mapping) or isinstance(drawn.get(name), Mapping):
            inner = {**(drawn.get(name) or {}), **(value or {})}
            spoilt[name] = {
                key: (drawn.get(name) or {}).get(key) if f"{name}.{key}" in taken else (value or {}).get(key)
                for key in inner
            }
            if name in taken and drawn.get(name) is None:
                spoilt[name] = None
        else:
            spoilt[name] = drawn.get(name) if name in taken or name not in good else value
    return {**spoilt, "at": drawn["at"]}


MEMBERS = st.sets(
    st.sampled_from(
        ["action", "event", "purpose", "requisition"]
        + [f"agent.{name}" for name in ("party", "service", "habilitated", "station_registered")]
        + [f"camera.{name}" for name in ("owner", "commune", "class", "authorised_until", "ptz")]
        + [f"event.{name}" for name in ("kind", "open", "motive")]
        + [
            f"state.{name}"
            for name in (
                "streams_in_use",
                "camera_in_use",
                "holders",
                "lease",
                "authorisation",
                "hours_override",
                "centre_inactive",
                "owner_is_steering",
                "authorisation_withdrawn",
                "suspended",
            )
        ]
    ),
    max_size=6,
)


def requests_near(convention: str) -> st.SearchStrategy[dict[str, Any]]:
    """Requests that are good but for a few members."""
    return st.builds(lambda drawn, taken: spoilt(GOOD[convention], drawn, taken), REQUESTS, MEMBERS)
