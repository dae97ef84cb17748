"""The codes and words with which a viewing ends."""

from collections.abc import Callable, Mapping

from belvedere.domain.decision import Refused
from belvedere.domain.ids import ArticleRef, ServiceId
from belvedere.domain.refused_act import Lacks
from belvedere.domain.text import Text
from belvedere.live.model import (
    CLOSED_BY_AGENT,
    EXPIRED,
    PREEMPTED,
    REVOKED,
    SOURCE_LOST,
    UNREAD,
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


_STANDING: Mapping[Lacks, tuple[Text, Text]] = {
    Lacks.HABILITATION: (
        Text("L'habilitation de l'agent a pris fin.", "The agent's habilitation is over."),
        Text("Faire renouveler l'habilitation.", "Have the habilitation renewed."),
    ),
    Lacks.STATION: (
        Text("Le poste n'est plus enregistré.", "The station is no longer registered."),
        Text("Se connecter depuis un poste enregistré.", "Sign in at a registered station."),
    ),
}


def standing_ended(lacks: Lacks, articles: tuple[ArticleRef, ...]) -> Ending:
    """The agent's habilitation or its station's registration is over, whatever a convention would still grant."""
    reason, remedy = _STANDING[lacks]
    return Ending(lacks.value, REVOKED, articles, reason, remedy)


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


def session_failed() -> Ending:
    """The relay's session with the viewer failed by a fault of ours (RELIABILITY 24)."""
    return Ending(
        EndCause.INTERNAL,
        EXPIRED,
        (),
        Text("L'image s'est arrêtée par une faute du système.", "The picture stopped by a fault of the system."),
        Text("Rouvrir la caméra.", "Open the camera again."),
    )


def unread() -> Ending:
    """The viewer did not take the pictures that it was sent."""
    return Ending(
        EndCause.UNREAD,
        UNREAD,
        (),
        Text("Le poste ne prend plus les images.", "The station no longer takes the pictures."),
        Text("Rouvrir la caméra.", "Open the camera again."),
    )


def flood() -> Ending:
    """The viewer talked, although it has nothing to say."""
    return Ending(
        EndCause.FLOOD,
        REVOKED,
        (),
        Text(
            "Le poste a envoyé des messages que personne n'attend de lui.",
            "The station sent messages that nobody expects of it.",
        ),
        Text("Appeler l'administrateur.", "Call the administrator."),
    )


def source_lost() -> Ending:
    """The camera gave no picture for as long as a viewer is kept without one."""
    return Ending(
        EndCause.SOURCE_LOST,
        SOURCE_LOST,
        (),
        Text("La caméra ne donne plus d'image.", "The camera gives no picture any more."),
        Text("Rouvrir la caméra.", "Open the camera again."),
    )


def camera_removed() -> Ending:
    """The camera was taken out of the relay."""
    return Ending(
        EndCause.CAMERA_REMOVED,
        SOURCE_LOST,
        (),
        Text("La caméra n'est plus reliée au système.", "The camera is no longer connected to the system."),
        Text("Appeler l'administrateur.", "Call the administrator."),
    )


BY_RELAY: Mapping[str, Callable[[], Ending]] = {
    "internal": session_failed,
    "unread": unread,
    "flood": flood,
    "source-lost": source_lost,
    "camera-removed": camera_removed,
}
"""What the relay ends by itself, by the cause that it tells; any other socket was lost, and may come back."""


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
