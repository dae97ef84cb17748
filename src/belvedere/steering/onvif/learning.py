"""What a camera can do, asked in order: its time, its services, its profiles, its node, its bounds, its position.

Makes a `CameraProfile`; of one that is known already, what was found by trying or corrected by its owner is kept.
"""

from collections.abc import Awaitable, Callable
from dataclasses import replace

import structlog

from belvedere.domain.clock import Clock
from belvedere.domain.steering import CommandRefused, NotDone, SteeringCause
from belvedere.domain.untrusted_text import XmlElement
from belvedere.steering.onvif import answers, messages
from belvedere.steering.onvif.messages import Message
from belvedere.steering.onvif.wire import Logins, SteeringAddress, Wire
from belvedere.steering.profile import CameraProfile, MoveTime, Service

log = structlog.get_logger(__name__)

Ask = Callable[[Service, Message], Awaitable[XmlElement | NotDone]]


async def learn_profile(
    wire: Wire, address: SteeringAddress, logins: Logins, clock: Clock, known: CameraProfile | None
) -> CameraProfile | NotDone:
    """Return the camera's profile, or the first reason for which there is none."""
    paths = {Service.DEVICE: address.device_path}

    async def ask(service: Service, message: Message) -> XmlElement | NotDone:
        return await wire.ask(service, paths.get(service, address.device_path), message)

    if (silent := await _learn_time(wire, address, logins, clock)) is not None:
        return silent
    # 2. Where its services are: path and query, never a host.
    found = await ask(Service.DEVICE, messages.GET_CAPABILITIES)
    if isinstance(found, CommandRefused) and found.cause is SteeringCause.FAULT:
        found = await ask(Service.DEVICE, messages.GET_SERVICES)
    if not isinstance(found, XmlElement):
        return found
    for service, named in answers.services_of(found).items():
        paths.setdefault(service, named.path)
        if named.named_host != address.origin.netloc.decode("ascii"):
            log.info("onvif_other_host", service=service.value, named=named.named_host, asked=address.origin.host)
    if Service.PTZ not in paths:
        return CommandRefused(SteeringCause.NOT_SUPPORTED, "no PTZ service")
    # 3. The profile that turns.
    listed = await ask(Service.MEDIA, messages.GET_PROFILES)
    if not isinstance(listed, XmlElement):
        return listed
    turning = answers.turning_profiles(listed)
    if not turning:
        return CommandRefused(SteeringCause.NOT_SUPPORTED, "no profile that turns")
    return await _learn_head(ask, turning[0], paths, logins, known)


async def _learn_time(wire: Wire, address: SteeringAddress, logins: Logins, clock: Clock) -> NotDone | None:
    """Learn by how much the camera's clock is ahead; return why nothing more need be asked, or None."""
    # 1. Its time, which is told without a login: what a UsernameToken is dated by.
    told = await wire.ask(Service.DEVICE, address.device_path, messages.GET_TIME, may_log_in=False)
    if isinstance(told, XmlElement):
        at = answers.time_of(told)
        logins.clock_ahead_s = 0.0 if at is None else (at - clock.now()).total_seconds()
        return None
    goes_on = isinstance(told, CommandRefused) and told.cause in {SteeringCause.FAULT, SteeringCause.WRONG_PASSWORD}
    return None if goes_on else told


async def _learn_head(
    ask: Ask,
    turning: answers.MediaProfile,
    paths: dict[Service, str],
    logins: Logins,
    known: CameraProfile | None,
) -> CameraProfile | NotDone:
    # 4. Its axes.
    nodes = await ask(Service.PTZ, messages.GET_NODES)
    if not isinstance(nodes, XmlElement):
        return nodes
    node = answers.node_of(nodes, turning.node)
    if node is None:
        return CommandRefused(SteeringCause.NOT_SUPPORTED, "no node")
    # 5. Its bounds and its position: a camera that tells neither is steered all the same.
    options = await ask(Service.PTZ, messages.get_configuration_options(turning.configuration))
    move_time = answers.move_time_of(options) if isinstance(options, XmlElement) else MoveTime()
    status = await ask(Service.PTZ, messages.get_status(turning.token))
    profile = CameraProfile(
        media_profile=turning.token,
        paths=paths,
        logins=dict(logins.known),
        pan_tilt=node.pan_tilt,
        zoom=node.zoom,
        pan_tilt_positions=node.pan_tilt_positions,
        zoom_positions=node.zoom_positions,
        picture_points=node.picture_points,
        tells_position=isinstance(status, XmlElement) and answers.position_of(status) is not None,
        presets_max=node.presets_max,
        has_home=node.has_home,
        move_time=move_time,
        clock_ahead_s=logins.clock_ahead_s,
    )
    if known is None:
        return profile
    kept = replace(move_time, taken=known.move_time.taken)
    return replace(profile, stop=known.stop, home_preset=known.home_preset, move_time=kept)
