"""Steering a camera: what it is told, where it looks, what came of a command; and the port through which it is told.

Owns the words of both. Does not know any protocol, nor who may steer.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from belvedere.domain.text import Text


@dataclass(frozen=True, slots=True)
class Velocity:
    """How fast a camera turns: shares of its greatest speed, -1 … 1. Right, up and closer are positive.

    Raises `ValueError` for what is out of range, or no number: it must have been refused before.
    """

    pan: float
    tilt: float
    zoom: float

    def __post_init__(self) -> None:
        """Refuse what no camera may be told."""
        if not all(-1 <= share <= 1 for share in (self.pan, self.tilt, self.zoom)):
            raise ValueError(f"a velocity of {self.pan}, {self.tilt}, {self.zoom} is not within -1 and 1")

    @property
    def is_zero(self) -> bool:
        """Tell whether nothing is asked to move."""
        return self.pan == self.tilt == self.zoom == 0


@dataclass(frozen=True, slots=True)
class Position:
    """Where a camera looks, in shares of its range: pan and tilt -1 … 1, zoom 0 … 1; None where it does not tell.

    A pan of 1 is half a turn to the right of 0, for a camera that turns all around.
    """

    pan: float | None
    tilt: float | None
    zoom: float | None


@dataclass(frozen=True, slots=True)
class PicturePoint:
    """A point of the picture, which is to come to its centre: -1 … 1 from left to right and from bottom to top.

    Raises `ValueError` for what is out of range, or no number.
    """

    x: float
    y: float
    zoom: float | None = None
    """How close it is to come, 0 … 1; None as it is."""

    def __post_init__(self) -> None:
        """Refuse what is no point of the picture."""
        sound = -1 <= self.x <= 1 and -1 <= self.y <= 1 and (self.zoom is None or 0 <= self.zoom <= 1)
        if not sound:
            raise ValueError(f"{self.x}, {self.y}, {self.zoom} is no point of a picture")


@dataclass(frozen=True, slots=True)
class Preset:
    """A place that the camera keeps. The token is what it is called by; two may bear one name, or none."""

    token: str
    name: str


@dataclass(frozen=True, slots=True)
class Abilities:
    """What a camera can be told; a screen hides the rest."""

    pan_tilt: bool
    zoom: bool
    presets: bool
    positions: bool
    """Whether it can be told to go to a `Position`."""
    picture_points: bool
    tells_position: bool


@dataclass(frozen=True, slots=True)
class Steerable:
    """What one camera can be told, and the named places that it keeps: of hundreds without a name no list is made."""

    abilities: Abilities
    presets: tuple[Preset, ...]


class SteeringCause(StrEnum):
    """Every cause for which a command was not done, or is not known to have been."""

    UNREACHABLE = "unreachable"
    UNTRUSTED = "untrusted"
    TIMED_OUT = "timed-out"
    CLOSED = "closed"
    UNREADABLE = "unreadable"
    TOO_LONG = "too-long"
    REDIRECTED = "redirected"
    WRONG_PASSWORD = "wrong-password"  # noqa: S105 (a cause's code)
    PASSWORD_IN_CLEAR = "password-in-clear"  # noqa: S105 (a cause's code)
    FAULT = "fault"
    NOT_SUPPORTED = "not-supported"
    NOT_LEARNT = "not-learnt"
    ADDRESS_FORBIDDEN = "address-forbidden"
    OVERTAKEN = "overtaken"

    @property
    def words(self) -> Text:
        """Return the cause and its remedy, for a person."""
        return _WORDS[self]


_WORDS: Mapping[SteeringCause, Text] = {
    SteeringCause.UNREACHABLE: Text(
        "La caméra ne répond pas à l'adresse de pilotage. Vérifier l'alimentation, le réseau, puis l'adresse et le port.",
        "Nothing answers at the camera's steering address. Check power and network, then address and port.",
    ),
    SteeringCause.UNTRUSTED: Text(
        "Aucune autorité connue ne répond du certificat de la caméra. Le renouveler, ou ajouter son autorité ; vérifier son "
        "horloge.",
        "No known authority vouches for the camera's certificate. Renew it, or add its authority; check its clock.",
    ),
    SteeringCause.TIMED_OUT: Text(
        "La caméra n'a pas répondu en une seconde. Réessayer ; si cela dure, vérifier le réseau ou redémarrer la caméra.",
        "The camera did not answer within a second. Try again; if it goes on, check the network or restart the camera.",
    ),
    SteeringCause.CLOSED: Text(
        "La caméra a coupé la liaison sans répondre ; elle redémarre peut-être. Réessayer dans une minute.",
        "The camera hung up without an answer; it may be restarting. Try again in a minute.",
    ),
    SteeringCause.UNREADABLE: Text(
        "La réponse de la caméra n'est pas de l'ONVIF. Vérifier l'adresse de pilotage, mettre à jour le micrologiciel.",
        "The camera's answer is no ONVIF. Check the steering address, update the firmware.",
    ),
    SteeringCause.TOO_LONG: Text(
        "La réponse de la caméra est trop longue pour être lue. Vérifier que l'adresse est bien celle d'une caméra.",
        "The camera's answer is too long to be read. Check that the address is a camera's.",
    ),
    SteeringCause.REDIRECTED: Text(
        "La caméra renvoie à une autre adresse, qui n'est pas suivie. Saisir l'adresse définitive.",
        "The camera redirects to another address, which is not followed. Enter the final address.",
    ),
    SteeringCause.WRONG_PASSWORD: Text(
        "La caméra refuse le compte de pilotage. Vérifier le mot de passe, l'horloge de la caméra et que le compte n'est "
        "pas bloqué.",
        "The camera refuses the steering account. Check the password, the camera's clock, and that it is not locked.",
    ),
    SteeringCause.PASSWORD_IN_CLEAR: Text(
        "La caméra demande un mot de passe en clair. Activer l'authentification « digest », ou saisir une adresse https.",
        "The camera asks for a password in clear. Turn on digest authentication, or enter an https address.",
    ),
    SteeringCause.FAULT: Text(
        "La caméra refuse l'ordre ; le journal technique dit ce qu'elle répond.",
        "The camera refuses the command; the log says what it answers.",
    ),
    SteeringCause.NOT_SUPPORTED: Text(
        "La caméra ne sait pas faire ce mouvement. Utiliser les autres commandes.",
        "The camera cannot do this movement. Use the other commands.",
    ),
    SteeringCause.NOT_LEARNT: Text(
        "Ce que sait faire la caméra n'a pas encore été lu. Réessayer une fois qu'elle répond.",
        "What the camera can do has not been read yet. Try again once it answers.",
    ),
    SteeringCause.ADDRESS_FORBIDDEN: Text(
        "L'adresse de pilotage est hors des réseaux permis. La corriger, ou ajouter son réseau à `source_networks`.",
        "The steering address is outside the networks that are allowed. Correct it, or add its network to `source_networks`.",
    ),
    SteeringCause.OVERTAKEN: Text(
        "Un ordre plus récent a pris la place de celui-ci.",
        "A newer command took the place of this one.",
    ),
}


@dataclass(frozen=True, slots=True)
class CommandDone:
    """The camera said that it does it, in an answer that could be read."""


@dataclass(frozen=True, slots=True)
class CommandRefused:
    """The camera does not do it: it said so, or was never told."""

    cause: SteeringCause
    detail: str = ""
    """For the log: bounded, on one line, never a secret."""


@dataclass(frozen=True, slots=True)
class CommandUnknown:
    """The camera was told, and whether it does it is not known."""

    cause: SteeringCause
    detail: str = ""


DONE = CommandDone()
Outcome = CommandDone | CommandRefused | CommandUnknown
NotDone = CommandRefused | CommandUnknown


class StopRung(StrEnum):
    """The ways to bring a camera to rest, in the order in which they are tried (reliability 15)."""

    STOP = "stop"
    """Stop, both axes named, with no header but the login."""
    ADDRESSED_STOP = "addressed-stop"
    """The same with a WS-Addressing action."""
    ZERO_VELOCITY = "zero-velocity"
    STAY = "stay"
    """Go to the position that was just read."""
    PRESET = "preset"
    """Go to its home preset: there it comes to rest."""


@dataclass(frozen=True, slots=True)
class AtRest:
    """The camera was seen at one place twice, after `rung`; None where it took none and came to rest by itself."""

    rung: StopRung | None
    position: Position


@dataclass(frozen=True, slots=True)
class RestUnseen:
    """The camera took `rungs`, and does not tell where it looks."""

    rungs: tuple[StopRung, ...]


@dataclass(frozen=True, slots=True)
class NotAtRest:
    """An alarm for the camera's owner: every way was tried, and the camera still moves or cannot be told."""

    tried: Mapping[StopRung, Outcome] = field(hash=False)
    seen_moving: bool

    @property
    def words(self) -> Text:
        """Return the alarm, for a person."""
        if self.seen_moving:
            return Text(
                "La caméra tourne encore : aucun ordre d'arrêt n'y fait rien. La reprendre dans le système vidéo, ou couper "
                "son alimentation.",
                "The camera still turns: no way to stop it has any effect. Take it over in the video system, or cut its power.",
            )
        return Text(
            "L'arrêt n'a pu être transmis à la caméra : elle tourne peut-être encore. Vérifier son image, puis son réseau.",
            "The stop could not be brought to the camera: it may still turn. Check its picture, then its network.",
        )


StopOutcome = AtRest | RestUnseen | NotAtRest | CommandRefused
"""`CommandRefused` alone where a newer movement took the stop's place, or nothing is known of the camera."""


@dataclass(frozen=True, slots=True)
class GoToPreset:
    """A movement to a place that the camera keeps."""

    token: str


@dataclass(frozen=True, slots=True)
class GoHome:
    """A movement to where the camera looks when nobody needs it."""


Movement = Velocity | PicturePoint | GoToPreset | GoHome


class Steering(Protocol):
    """One camera that turns. No call raises for what a camera does; each ends within its time.

    At most one movement is on its way to the camera; of those that wait, the newest goes. A stop waits for nothing.
    """

    async def learn(self) -> Abilities | NotDone:
        """Ask the camera what it can do; to be called before it is steered, and again after it was changed."""

    async def move(self, velocity: Velocity) -> Outcome:
        """Have the camera turn, until it is told otherwise or for a second at most where it takes a time."""

    async def stop(self) -> StopOutcome:
        """Bring the camera to rest, by every way that it may take, until it is seen at rest."""

    async def go_to(self, place: Position | PicturePoint) -> Outcome:
        """Have the camera look somewhere."""

    async def go_to_preset(self, token: str) -> Outcome:
        """Have the camera look where its preset says."""

    async def go_home(self) -> Outcome:
        """Have the camera look where it does when nobody needs it."""

    async def presets(self) -> tuple[Preset, ...] | NotDone:
        """Return the places that the camera keeps; none where it keeps none."""

    async def keep_preset(self, name: str, *, token: str | None = None) -> Preset | NotDone:
        """Have the camera keep where it looks, in the place of `token`, or as a new preset."""

    async def where(self) -> Position | NotDone:
        """Return where the camera says that it looks, without holding any command up."""
