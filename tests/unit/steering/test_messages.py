"""What goes out to cameras is well formed whatever it names, with every prefix declared and every axis named."""

import base64
import re
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from belvedere.domain.steering import PicturePoint, Position, Velocity
from belvedere.domain.untrusted_text import read_xml
from belvedere.steering.onvif import messages
from belvedere.steering.onvif.messages import Message

SHARE = st.floats(-1, 1)


def every_message(token: str, share: float) -> list[Message]:
    return [
        messages.GET_TIME, messages.GET_CAPABILITIES, messages.GET_SERVICES, messages.GET_PROFILES, messages.GET_NODES,
        messages.get_configuration_options(token), messages.get_status(token), messages.get_presets(token),
        messages.continuous_move(token, Velocity(share, share, share), pan_tilt=True, zoom=True, lasts_s=0.8),
        messages.stop(token), messages.stop(token, addressed=True),
        messages.absolute_move(token, Position(share, share, abs(share))), messages.centre_on(token, PicturePoint(share, share)),
        messages.goto_preset(token, token), messages.goto_home(token), messages.set_preset(token, token, None),
        messages.set_preset(token, token, token),
    ]  # fmt: skip


@given(st.text(max_size=40), SHARE)
def test_whatever_a_message_names_it_is_well_formed_and_declares_its_prefixes(token: str, share: float) -> None:
    security = messages.username_token(
        username=token, password=token, nonce=b"12", created=datetime(2026, 3, 25, tzinfo=UTC)
    )
    for message in every_message(token, share):
        raw = message.envelope(security)
        root = read_xml(raw)
        body = root.one("Body")
        assert body is not None
        assert [each.name for each in body.children] == [message.name]
        text = raw.decode()
        used = set(re.findall(r"</?(\w+):", text))
        assert used <= set(re.findall(r"xmlns:(\w+)=", text))


@given(SHARE)
def test_numbers_are_spelt_without_exponent(share: float) -> None:
    text = messages.continuous_move("p", Velocity(share, 0, 0), pan_tilt=True, zoom=False, lasts_s=None).inner
    (spelt,) = re.findall(r' x="([^"]*)"', text)
    assert re.fullmatch(r"-?\d(\.\d{1,4})?", spelt)
    assert abs(float(spelt) - share) <= 1e-4
    assert '-0"' not in text


def test_a_login_is_the_digest_of_the_profile() -> None:
    """The example of the UsernameToken profile as ONVIF's programmers' guide gives it."""
    header = messages.username_token(
        username="user",
        password="userpassword",
        nonce=base64.b64decode("LKqI6G/AikKCQrN0zqZFlg=="),
        created=datetime(2010, 9, 16, 7, 50, 45, tzinfo=UTC),
    )
    assert "userpassword" not in header
    assert "<wsu:Created>2010-09-16T07:50:45Z</wsu:Created>" in header
    assert ">tuOSpGlFlIXsozq4HFNeeGeFLEI=</wsse:Password>" in header
