"""Whatever a camera answers, it is read or refused, and never raises (reliability 21)."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from belvedere.domain.steering import Position
from belvedere.domain.untrusted_text import BadText, XmlElement, read_xml
from belvedere.steering.onvif import answers
from belvedere.steering.profile import MoveTime, Service
from simulator.onvif import templates

SHAPE = templates.Shape("Fontaine", 640, 360, 15, zoom=True, presets_max=300, timeout_s=(1, 10))
AT = datetime(2026, 3, 25, 9, 0, tzinfo=UTC)
ADDRESSES = {name: f"http://10.0.0.9:80/onvif/{name}_service?x=1" for name in ("device", "media", "ptz")}
ANSWERS = {
    "time": templates.system_time(AT),
    "capabilities": templates.capabilities(ADDRESSES),
    "services": templates.services(ADDRESSES),
    "profiles": templates.profiles(SHAPE),
    "nodes": templates.nodes(SHAPE),
    "options": templates.configuration_options(SHAPE),
    "status": templates.status((0.5, -0.25, 0.1), turns=False, zooms=False, zoom=True, at=AT),
    "presets": templates.presets({"1": ("Accueil", (0.0, 0.0, 0.0))}),
    "kept": templates.made_preset("7"),
    "fault": templates.fault("Sender", ("ter:NotAuthorized",), "Sender not authorized"),
}


def body(text: str) -> XmlElement:
    found = answers.body_of(read_xml(templates.envelope(text)))
    assert found is not None
    return found


def read_all(element: XmlElement) -> None:
    answers.fault_of(element)
    answers.time_of(element)
    answers.services_of(element)
    answers.turning_profiles(element)
    answers.node_of(element, templates.NODE)
    answers.move_time_of(element)
    answers.position_of(element)
    answers.presets_of(element)
    answers.made_preset(element)


def test_an_answer_says_what_it_says() -> None:
    assert answers.time_of(body(ANSWERS["time"])) == AT
    for name in ("capabilities", "services"):
        found = answers.services_of(body(ANSWERS[name]))
        assert set(found) == set(Service)
        assert found[Service.PTZ].path == "/onvif/ptz_service?x=1"
        assert found[Service.PTZ].named_host == "10.0.0.9:80"
    (profile,) = answers.turning_profiles(body(ANSWERS["profiles"]))
    assert profile == answers.MediaProfile(templates.PROFILE, templates.PTZ_CONFIGURATION, templates.NODE)
    node = answers.node_of(body(ANSWERS["nodes"]), templates.NODE)
    assert node == answers.Node(
        pan_tilt=True, zoom=True, pan_tilt_positions=True, zoom_positions=True, picture_points=True, presets_max=300,
        has_home=True,
    )  # fmt: skip
    assert answers.move_time_of(body(ANSWERS["options"])) == MoveTime(least_s=1, most_s=10)
    assert answers.position_of(body(ANSWERS["status"])) == Position(0.5, -0.25, 0.1)
    assert answers.made_preset(body(ANSWERS["kept"])) == "7"
    fault = answers.fault_of(body(ANSWERS["fault"]))
    assert fault is not None
    assert answers.refuses_login(fault)


@pytest.mark.parametrize(
    "named",
    [
        "ftp://10.0.0.9/x", "//10.0.0.9/x", "http://10.0.0.9//evil.example/x", "javascript:alert(1)", "http://[::1",
        "http://10.0.0.9/a b", "http://10.0.0.9/\u00e9", "http://10.0.0.9/" + "a" * 2_000, "",
    ],
)  # fmt: skip
def test_an_address_that_is_none_names_no_service(named: str) -> None:
    assert answers.services_of(body(templates.capabilities(dict.fromkeys(ADDRESSES, named)))) == {}


@pytest.mark.parametrize(
    ("bounds", "sent_s"),
    [((0, 60), 0.8), ((1, 10), 1), ((0, 0), None), ((5, 60), 5)],
    ids=["wide", "1-10", "0-0", "5-60"],
)
def test_the_time_of_a_movement_stays_within_what_is_declared(bounds: tuple[int, int], sent_s: float | None) -> None:
    shape = templates.Shape("a", 640, 360, 15, zoom=True, presets_max=0, timeout_s=bounds)
    assert answers.move_time_of(body(templates.configuration_options(shape))).sent_s == sent_s


@settings(max_examples=300)
@given(
    st.sampled_from(sorted(ANSWERS)),
    st.lists(
        st.tuples(st.integers(0, 4_000), st.sampled_from(["cut", "twice", "swap"]), st.binary(max_size=6)), max_size=6
    ),
)
def test_a_mangled_answer_is_read_or_refused_and_never_raises(name: str, changes: list[tuple[int, str, bytes]]) -> None:
    raw = templates.envelope(ANSWERS[name])
    for place, kind, octets in changes:
        at = place % len(raw)
        end = at + 1 + place % 40
        raw = raw[:at] + {"cut": b"", "twice": raw[at:end] * 2, "swap": octets}[kind] + raw[end:]
        if not raw:
            return
    try:
        element = answers.body_of(read_xml(raw))
    except BadText:
        return
    if element is not None:
        read_all(element)


@given(
    st.dictionaries(
        st.sampled_from(["Year", "Month", "Day", "Hour", "Minute", "Second"]), st.text(max_size=12), max_size=6
    )
)
def test_a_time_of_any_text_is_a_time_or_none(parts: dict[str, str]) -> None:
    inner = tuple(XmlElement(name, text, {}, ()) for name, text in parts.items())
    at = XmlElement("UTCDateTime", "", {}, (XmlElement("Date", "", {}, inner), XmlElement("Time", "", {}, inner)))
    told = XmlElement("GetSystemDateAndTimeResponse", "", {}, (XmlElement("SystemDateAndTime", "", {}, (at,)),))
    answers.time_of(told)
