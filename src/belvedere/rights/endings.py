"""With which close code, cause and words a viewing ends."""

from collections.abc import Callable, Mapping

from belvedere.domain.causes import Cause
from belvedere.domain.decision import Refused
from belvedere.domain.ids import ArticleRef, ServiceId
from belvedere.domain.peer_requests import ViewingOver
from belvedere.domain.suspensions import Suspension
from belvedere.domain.text import Text
from belvedere.domain.viewings import (
    CLOSED_BY_AGENT,
    EXPIRED,
    PREEMPTED,
    REVOKED,
    SOURCE_LOST,
    UNREAD,
    CloseCode,
    Ending,
)
from belvedere.policy import Party

_GROUNDS = {
    "security-incident": Text("incident de sécurité", "security incident"),
    "mask-fault": Text("défaut de masquage", "mask fault"),
    "withdrawal": Text("retrait", "withdrawal"),
}


def _in_the_causes_words(cause: Cause, code: CloseCode) -> Ending:
    return Ending(cause, code, (), cause.words.sentence, cause.words.remedy)


def closed_by_agent() -> Ending:
    """The agent closed the picture."""
    return _in_the_causes_words(Cause.CLOSED, CLOSED_BY_AGENT)


def session_ended() -> Ending:
    """The agent left the station."""
    return _in_the_causes_words(Cause.SESSION_ENDED, REVOKED)


def standing_ended(lacks: Cause, articles: tuple[ArticleRef, ...]) -> Ending:
    """The agent's habilitation or its station's registration is over, whatever a convention would still grant."""
    return Ending(lacks, REVOKED, articles, lacks.words.sentence, lacks.words.remedy)


def ticket_lapsed() -> Ending:
    """Nobody took the picture within the ticket's 30 s."""
    return _in_the_causes_words(Cause.TICKET_LAPSED, EXPIRED)


def socket_lost() -> Ending:
    """The viewer's connection was gone for 10 s."""
    return _in_the_causes_words(Cause.SOCKET_LOST, EXPIRED)


def session_failed() -> Ending:
    """The relay's session with the viewer failed by a fault of ours (reliability 24)."""
    return _in_the_causes_words(Cause.INTERNAL, EXPIRED)


def unread() -> Ending:
    """The viewer did not take the pictures that it was sent."""
    return _in_the_causes_words(Cause.UNREAD, UNREAD)


def flood() -> Ending:
    """The viewer talked, although it has nothing to say."""
    return _in_the_causes_words(Cause.FLOOD, REVOKED)


def source_lost() -> Ending:
    """The camera gave no picture for as long as a viewer is kept without one."""
    return _in_the_causes_words(Cause.SOURCE_LOST, SOURCE_LOST)


def camera_removed() -> Ending:
    """The camera was taken out of the relay."""
    return _in_the_causes_words(Cause.CAMERA_REMOVED, SOURCE_LOST)


BY_RELAY: Mapping[Cause, Callable[[], Ending]] = {
    Cause.INTERNAL: session_failed,
    Cause.UNREAD: unread,
    Cause.FLOOD: flood,
    Cause.SOURCE_LOST: source_lost,
    Cause.CAMERA_REMOVED: camera_removed,
}
"""What the relay ends by itself, by the cause that it tells; any other socket was lost, and may come back."""


def restarted() -> Ending:
    """The node was started again; no picture outlives it."""
    return _in_the_causes_words(Cause.RESTART, EXPIRED)


def link_lost() -> Ending:
    """The link between two nodes was gone for as long as a viewing across it is held."""
    return _in_the_causes_words(Cause.LINK_LOST, EXPIRED)


def not_held() -> Ending:
    """The other node no longer knows the viewing: it was started again, or set back."""
    return _in_the_causes_words(Cause.NOT_HELD, EXPIRED)


def told_by_peer(over: ViewingOver) -> Ending:
    """The other node ended it, and says how; a code that no viewing ends with counts as a revocation."""
    codes = (CLOSED_BY_AGENT, REVOKED, EXPIRED, PREEMPTED, UNREAD, SOURCE_LOST)
    code = next((each for each in codes if each == over.code), REVOKED)
    return Ending(Cause.read(over.cause), code, over.articles, over.reason, over.remedy, over.by)


def came_late() -> Ending:
    """The record became durable after the requester had been told that it had not."""
    return _in_the_causes_words(Cause.CAME_LATE, EXPIRED)


def no_picture() -> Ending:
    """The relay could not serve what was granted."""
    said = Cause.NO_PICTURE.words
    return Ending(Cause.INTERNAL, REVOKED, (), said.sentence, said.remedy)


def expired() -> Ending:
    """The relay's own deadline passed: the control plane did not confirm the viewing in time."""
    return _in_the_causes_words(Cause.EXPIRED, EXPIRED)


def pre_empted(*, by_service: ServiceId, party: Party, articles: tuple[ArticleRef, ...]) -> Ending:
    """Another service of `party` with priority took the slot."""
    who = party.service(by_service)
    return Ending(
        Cause.PREEMPTED,
        PREEMPTED,
        articles,
        Text(
            f"Le {who} a pris ce flux : il a priorité lorsque tous les flux sont ouverts.",
            f"The {who} took this stream: it has priority when all streams are open.",
        ),
        Text(f"Appeler le {who}.", f"Call the {who}."),
        by=by_service,
    )


def suspended(suspension: Suspension, articles: tuple[ArticleRef, ...], *, owner: Party) -> Ending:
    """The director of `owner`'s room suspended the camera's flow to a party."""
    ground = _GROUNDS[suspension.ground]
    return Ending(
        Cause.SUSPENDED,
        REVOKED,
        articles,
        Text(
            f"Flux suspendu par {owner.direction.fr} : {ground.fr}. « {suspension.reason} »",
            f"Stream suspended by {owner.direction.en}: {ground.en}. “{suspension.reason}”",
        ),
        Text(f"Appeler le {owner.room}.", f"Call the {owner.room}."),
    )


def no_longer_granted(refused: Refused, *, at_its_term: bool) -> Ending:
    """A rule that granted no longer does: an event closed, a habilitation over, a withdrawal."""
    return Ending(
        refused.cause,
        EXPIRED if at_its_term else REVOKED,
        refused.articles,
        refused.reason,
        refused.remedy,
    )
