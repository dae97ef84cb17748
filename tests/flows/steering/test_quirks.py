"""A camera that turns is steered and stopped, whatever it does otherwise than ONVIF says (reliability 15)."""

import asyncio

import pytest

from belvedere.clock import SystemIds
from belvedere.domain.steering import (
    DONE,
    Abilities,
    AtRest,
    CommandRefused,
    NotAtRest,
    PicturePoint,
    Position,
    Preset,
    RestUnseen,
    SteeringCause,
    StopRung,
    Velocity,
)
from belvedere.steering.onvif.camera import OnvifSteering
from belvedere.steering.profile import Login, Service
from simulator.onvif.quirks import Quirk
from tests.flows.steering.conftest import CLOCK, PASSWORD, RIGHT, steered, turning
from tests.promises import allowed_s

pytestmark = pytest.mark.anyio


async def test_a_camera_is_learnt_turned_and_seen_at_rest() -> None:
    async with turning() as camera, steered(camera) as steering:
        assert await steering.learn() == Abilities(
            pan_tilt=True, zoom=True, presets=True, positions=True, picture_points=True, tells_position=True
        )
        assert await steering.move(Velocity(0.5, -0.2, 0.4)) == DONE
        await asyncio.sleep(0.2)
        assert camera.is_moving()
        stopped = await steering.stop()
        assert isinstance(stopped, AtRest)
        assert stopped.rung is StopRung.STOP
        assert not camera.is_moving()
        assert stopped.position.pan is not None
        assert stopped.position.pan > 0.02
        assert await steering.where() == stopped.position


@pytest.mark.parametrize(
    ("quirk", "rung"),
    [
        (Quirk.IGNORES_TIMEOUT, StopRung.STOP),
        (Quirk.NO_STOP, StopRung.ZERO_VELOCITY),
        (Quirk.STOP_WITHOUT_EFFECT, StopRung.ZERO_VELOCITY),
        (Quirk.STOPS_UNADDRESSED_ONLY, StopRung.STOP),
        (Quirk.STOPS_ADDRESSED_ONLY, StopRung.ADDRESSED_STOP),
        (Quirk.STOP_NEEDS_FLAGS, StopRung.STOP),
        (Quirk.REFUSES_TIMEOUT, StopRung.STOP),
        (Quirk.TIMEOUT_RANGE, StopRung.STOP),
        (Quirk.NO_TIMEOUT_RANGE, StopRung.STOP),
        (Quirk.NO_ZOOM, StopRung.STOP),
        (Quirk.ONE_AXIS, StopRung.STOP),
        (Quirk.UPSIDE_DOWN, StopRung.STOP),
        (Quirk.OTHER_HOST, StopRung.STOP),
        (Quirk.UNDECLARED_PREFIXES, StopRung.STOP),
        (Quirk.SLOW, StopRung.STOP),
    ],
    ids=lambda value: value.value if isinstance(value, Quirk) else "",
)
async def test_each_quirk_is_steered_and_the_rung_that_stops_it_is_remembered(quirk: Quirk, rung: StopRung) -> None:
    async with turning(quirk, Quirk.IGNORES_TIMEOUT) as camera, steered(camera) as steering:
        assert await steering.move(RIGHT) == DONE
        await asyncio.sleep(0.1)
        assert camera.is_moving(), "the quirk is of a camera that turns"
        began_s = CLOCK.monotonic_s()
        stopping = asyncio.create_task(steering.stop())
        first_s = await camera.at_rest_after_s(began_s, within_s=allowed_s(1.0))
        stopped = await stopping
        assert isinstance(stopped, AtRest)
        assert stopped.rung is rung
        assert steering.profile is not None
        assert steering.profile.stop is rung
        # The next time it is the first that is tried.
        assert await steering.move(RIGHT) == DONE
        began_s = CLOCK.monotonic_s()
        stopping = asyncio.create_task(steering.stop())
        next_s = await camera.at_rest_after_s(began_s, within_s=allowed_s(0.45))
        stopped = await stopping
        assert isinstance(stopped, AtRest)
        assert stopped.rung is rung
        assert next_s <= first_s + allowed_s(0.15)


async def test_a_movement_ends_by_itself_within_a_second_where_the_camera_takes_a_time() -> None:
    async with turning() as camera, steered(camera) as steering:
        assert await steering.move(RIGHT) == DONE
        began_s = CLOCK.monotonic_s()
        assert await camera.at_rest_after_s(began_s, within_s=allowed_s(1.0)) > 0.5


async def test_a_time_that_is_refused_is_left_out_from_then_on() -> None:
    async with turning(Quirk.REFUSES_TIMEOUT) as camera, steered(camera) as steering:
        assert await steering.move(RIGHT) == DONE
        assert await steering.move(Velocity(-0.5, 0, 0)) == DONE
        times = ["Timeout" in each.inner for each in camera.heard("ContinuousMove")]
        assert times == [True, False, False]
        await steering.stop()
        # It is remembered through another learning, and by the profile that its node keeps.
        await steering.learn()
        assert steering.profile is not None
        assert steering.profile.move_time.sent_s is None


@pytest.mark.parametrize(
    ("quirk", "sent"), [(Quirk.TIMEOUT_RANGE, "PT1S"), (Quirk.NO_TIMEOUT_RANGE, None), (Quirk.SLOW, "PT0.8S")]
)
async def test_the_time_of_a_movement_is_within_what_the_camera_declares(quirk: Quirk, sent: str | None) -> None:
    async with turning(quirk) as camera, steered(camera) as steering:
        assert await steering.move(RIGHT) == DONE
        (heard,) = camera.heard("ContinuousMove")
        assert (f"Timeout={sent}" in heard.inner) if sent else ("Timeout" not in heard.inner)
        await steering.stop()


async def test_stop_names_both_axes_and_goes_out_without_addressing_first() -> None:
    async with turning(Quirk.STOP_WITHOUT_EFFECT) as camera, steered(camera) as steering:
        await steering.move(RIGHT)
        await steering.stop()
        stops = camera.heard("Stop")
        assert ["PanTilt=true Zoom=true" in each.inner for each in stops] == [True, True]
        assert [each.addressed for each in stops] == [False, True]


async def test_a_camera_that_nothing_stops_is_an_alarm_to_its_owner() -> None:
    async with turning(Quirk.UNSTOPPABLE) as camera, steered(camera) as steering:
        assert await steering.move(RIGHT) == DONE
        stopped = await steering.stop()
        assert isinstance(stopped, NotAtRest)
        assert stopped.seen_moving
        assert set(stopped.tried) == set(StopRung), "every way was tried"
        assert "tourne encore" in stopped.words.fr


async def test_a_camera_that_takes_no_stop_is_sent_to_where_it_looks() -> None:
    async with turning(Quirk.NO_STOP, Quirk.IGNORES_TIMEOUT) as camera, steered(camera) as steering:
        real = camera.head.turn

        def turn(pan: float, tilt: float, lasts_s: float | None = None) -> None:
            if pan or tilt:  # deaf to a velocity of zero too
                real(pan, tilt, lasts_s)

        camera.head.turn = turn  # type: ignore[method-assign]  # one camera that no switch has
        assert await steering.move(RIGHT) == DONE
        stopped = await steering.stop()
        assert isinstance(stopped, AtRest)
        assert stopped.rung is StopRung.STAY


async def test_a_camera_that_tells_no_position_is_sent_every_harmless_stop_and_called_unseen() -> None:
    async with turning(Quirk.NO_POSITION) as camera, steered(camera) as steering:
        assert await steering.move(RIGHT) == DONE
        assert await steering.stop() == RestUnseen((StopRung.STOP, StopRung.ADDRESSED_STOP, StopRung.ZERO_VELOCITY))
        assert not camera.is_moving()
        assert not camera.heard("GotoHomePosition", "AbsoluteMove")


async def test_a_status_that_waits_for_the_movement_never_stands_in_the_way_of_a_stop() -> None:
    async with turning(Quirk.STATUS_WAITS, Quirk.IGNORES_TIMEOUT) as camera, steered(camera) as steering:
        assert await steering.move(RIGHT) == DONE
        asking = asyncio.create_task(steering.where())
        await asyncio.sleep(0.05)
        began_s = CLOCK.monotonic_s()
        stopped = await steering.stop()
        assert isinstance(stopped, AtRest)
        assert CLOCK.monotonic_s() - began_s < allowed_s(0.5)
        assert isinstance(await asking, Position)


async def test_of_a_camera_without_zoom_the_axis_is_never_sent() -> None:
    async with turning(Quirk.NO_ZOOM) as camera, steered(camera) as steering:
        learnt = await steering.learn()
        assert isinstance(learnt, Abilities)
        assert not learnt.zoom
        assert not learnt.presets
        assert await steering.move(Velocity(0.3, 0, 0.5)) == DONE
        assert await steering.move(Velocity(0, 0, 0.5)) == CommandRefused(SteeringCause.NOT_SUPPORTED)
        assert await steering.presets() == ()
        assert isinstance(await steering.stop(), AtRest)
        assert camera.head.position.zoom == 0


async def test_a_host_that_the_camera_names_is_never_dialled() -> None:
    async with turning(Quirk.OTHER_HOST) as camera, steered(camera) as steering:
        assert steering.profile is not None
        assert steering.profile.paths[Service.PTZ] == "/onvif/ptz_service"
        assert await steering.move(RIGHT) == DONE
        assert camera.heard("ContinuousMove"), "it went where the owner's address says"


@pytest.mark.parametrize(
    ("quirks", "ptz"),
    [
        ((), Login.DIGEST),
        ((Quirk.DIGEST_FOR_PTZ,), Login.DIGEST),
        ((Quirk.WRONG_CLOCK,), Login.DIGEST),
        ((Quirk.DIGEST_FOR_PTZ, Quirk.WRONG_CLOCK), Login.DIGEST),
    ],
    ids=["either", "digest for PTZ alone", "half a year behind", "both"],
)
async def test_each_service_is_logged_in_to_as_it_asks(quirks: tuple[Quirk, ...], ptz: Login) -> None:
    async with turning(*quirks, password=PASSWORD) as camera, steered(camera) as steering:
        assert await steering.move(RIGHT) == DONE
        assert isinstance(await steering.stop(), AtRest)
        assert steering.profile is not None
        assert steering.profile.logins[Service.PTZ] is ptz
        if Quirk.DIGEST_FOR_PTZ in quirks:
            assert steering.profile.logins[Service.MEDIA] is Login.TOKEN
        if Quirk.WRONG_CLOCK in quirks:
            assert steering.profile.clock_ahead_s == pytest.approx(-183 * 86_400, abs=5)


async def test_a_login_that_is_kept_costs_no_further_answer() -> None:
    async with turning(password=PASSWORD) as camera, steered(camera) as steering:
        before = len(camera.heard())
        for pan in (0.1, 0.2, 0.3):
            assert await steering.move(Velocity(pan, 0, 0)) == DONE
        assert len(camera.heard()) == before + 3


async def test_a_wrong_password_is_sent_three_times_at_most() -> None:
    async with (
        turning(password="another") as camera,
        OnvifSteering(camera.address(), clock=CLOCK, ids=SystemIds()) as steering,
    ):
        for _ in range(5):
            learnt = await steering.learn()
            assert isinstance(learnt, CommandRefused)
            assert learnt.cause is SteeringCause.WRONG_PASSWORD
        assert len([each for each in camera.heard() if each.logged_in]) == 3


async def test_a_stop_logs_in_where_movements_no_longer_do() -> None:
    async with turning(Quirk.IGNORES_TIMEOUT, password=PASSWORD) as camera, steered(camera) as steering:
        assert await steering.move(RIGHT) == DONE
        camera.lock()
        for _ in range(5):
            outcome = await steering.move(Velocity(0.2, 0, 0))
            assert isinstance(outcome, CommandRefused)
            assert outcome.cause is SteeringCause.WRONG_PASSWORD
        stopping = asyncio.create_task(steering.stop())
        await asyncio.sleep(0.1)
        camera.unlock()
        assert isinstance(await stopping, AtRest)
        assert not camera.is_moving()


async def test_a_point_of_the_picture_comes_to_its_centre() -> None:
    async with turning() as camera, steered(camera) as steering:
        assert await steering.go_to(PicturePoint(0.5, 0.5)) == DONE
        await asyncio.sleep(0.1)
        while camera.is_moving():
            await asyncio.sleep(0.02)
        assert camera.head.position.pan_deg == pytest.approx(72 / 4, abs=0.1)
        assert camera.head.position.tilt_deg == pytest.approx(-12 + 72 * 9 / 16 / 4, abs=0.1)


async def test_presets_are_listed_kept_and_gone_to_by_their_token() -> None:
    async with turning() as camera, steered(camera) as steering:
        assert await steering.presets() == (Preset("1", "Accueil"), Preset("2", "Carrefour"))
        assert await steering.go_to(Position(0.1, -0.2, 0.5)) == DONE
        while camera.is_moving():
            await asyncio.sleep(0.02)
        made = await steering.keep_preset("Fontaine <nord> & co")
        assert made == Preset("3", "Fontaine <nord> & co")
        assert await steering.go_to_preset("1") == DONE
        while camera.is_moving():
            await asyncio.sleep(0.02)
        assert camera.head.position == camera.head.home
        assert await steering.go_to_preset("3") == DONE
        while camera.is_moving():
            await asyncio.sleep(0.02)
        assert camera.head.position.zoom == pytest.approx(0.5)
        refused = await steering.go_to_preset("Accueil")
        assert isinstance(refused, CommandRefused), "a name is not a token"
