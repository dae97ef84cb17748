"""The codes and words with which a viewing ends."""

from belvedere.domain.decision import Refused
from belvedere.domain.ids import ArticleRef, ServiceId
from belvedere.domain.text import Text
from belvedere.live.model import (
    CLOSED_BY_AGENT,
    EXPIRED,
    PREEMPTED,
    REVOKED,
    EndCause,
    Ending,
    Suspension,
)

_GROUNDS = {
    "security-incident": Text("incident de sécurité", "security incident"),
    "mask-fault": Text("défaut de masquage", "mask fault"),
    "withdrawal": Text("retrait", "withdrawal"),
}


def closed_by_agent() -> Ending:
    """The agent closed the picture."""
    return Ending(EndCause.CLOSED, CLOSED_BY_AGENT, (), Text("Image fermée.", "Picture closed."))


def session_ended() -> Ending:
    """The agent left the station."""
    return Ending(
        EndCause.SESSION_ENDED,
        REVOKED,
        (),
        Text("La session est terminée.", "The session is over."),
        Text("Se reconnecter.", "Sign in again."),
    )


def ticket_lapsed() -> Ending:
    """Nobody took the picture within the ticket's 30 s."""
    return Ending(
        EndCause.TICKET_LAPSED,
        EXPIRED,
        (),
        Text("L'image n'a pas été prise dans les 30 s.", "The picture was not taken within 30 s."),
        Text("Rouvrir la caméra.", "Open the camera again."),
    )


def socket_lost() -> Ending:
    """The viewer's connection was gone for 10 s."""
    return Ending(
        EndCause.SOCKET_LOST,
        EXPIRED,
        (),
        Text("La liaison avec le poste est perdue.", "The link to the station is lost."),
        Text("Rouvrir la caméra.", "Open the camera again."),
    )


def restarted() -> Ending:
    """The node was started again; no picture outlives it."""
    return Ending(
        EndCause.RESTART,
        EXPIRED,
        (),
        Text("Le système a redémarré.", "The system was restarted."),
        Text("Rouvrir la caméra.", "Open the camera again."),
    )


def came_late() -> Ending:
    """The record became durable after the asker had been told that it had not."""
    return Ending(
        EndCause.CAME_LATE,
        EXPIRED,
        (),
        Text("Le journal a répondu trop tard.", "The journal answered too late."),
        Text("Rouvrir la caméra.", "Open the camera again."),
    )


def no_picture() -> Ending:
    """The relay could not serve what was granted."""
    return Ending(
        EndCause.INTERNAL,
        REVOKED,
        (),
        Text("Le relais ne peut pas servir cette caméra.", "The relay can't serve this camera."),
        Text("Appeler l'administrateur.", "Call the administrator."),
    )


def expired() -> Ending:
    """The relay's own deadline passed: the control plane did not confirm the viewing in time."""
    return Ending(
        EndCause.EXPIRED,
        EXPIRED,
        (),
        Text("La décision n'a pas été confirmée à temps.", "The decision was not confirmed in time."),
        Text("Rouvrir la caméra.", "Open the camera again."),
    )


def pre_empted(*, by_service: ServiceId, articles: tuple[ArticleRef, ...]) -> Ending:
    """Another service of the party with priority took the slot."""
    who = by_service.upper()
    return Ending(
        EndCause.PREEMPTED,
        PREEMPTED,
        articles,
        Text(
            f"Le {who} a pris ce flux : il a priorité lorsque tous les flux sont ouverts.",
            f"The {who} took this stream: it has priority when all streams are open.",
        ),
        Text(f"Appeler le {who}.", f"Call the {who}."),
        by=by_service,
    )


def suspended(suspension: Suspension, articles: tuple[ArticleRef, ...]) -> Ending:
    """The director suspended the camera's flow to the party."""
    ground = _GROUNDS[suspension.ground]
    return Ending(
        EndCause.SUSPENDED,
        REVOKED,
        articles,
        Text(
            f"Flux suspendu par la direction de la police municipale : {ground.fr}. « {suspension.reason} »",
            f"Stream suspended by the director of the municipal police: {ground.en}. “{suspension.reason}”",
        ),
        Text("Appeler le CSU.", "Call the CSU."),
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
