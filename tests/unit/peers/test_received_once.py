"""Each message counts once, for as long as it would be believed; what is kept of them has an end. Reliability 5, 25."""

from dataclasses import replace

import pytest

from belvedere.peers import received_once
from belvedere.peers.received_once import ReceivedOnce
from belvedere.peers.signed_message import kept_until_s
from tests.unit.peers.messages_made import CLAIMS, NOW_S


def test_a_message_is_received_once_until_it_is_expired_anyway() -> None:
    received = ReceivedOnce()
    assert received.take(CLAIMS, now_s=NOW_S)
    assert not received.take(CLAIMS, now_s=NOW_S)
    assert not received.take(CLAIMS, now_s=kept_until_s(CLAIMS) - 1)
    assert received.take(CLAIMS, now_s=kept_until_s(CLAIMS)), "`believe` refuses it by now"


def test_no_more_are_kept_than_may_be_and_room_comes_with_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(received_once, "KEPT_MAX", 3)
    received = ReceivedOnce()
    for number in range(3):
        assert received.take(replace(CLAIMS, jti=f"m-{number}"), now_s=NOW_S)
    assert not received.take(replace(CLAIMS, jti="m-3"), now_s=NOW_S)
    later = replace(CLAIMS, jti="m-3", exp=CLAIMS.exp + 60)
    assert received.take(later, now_s=kept_until_s(CLAIMS))
