"""Steering of a camera that this node does not command: asked for, it is refused, said so, and written down."""

from belvedere.domain.articles_of_speech import of
from belvedere.domain.causes import Cause
from belvedere.domain.clock import Instant
from belvedere.domain.decision import Granted, Pending, Refused
from belvedere.domain.requester import Requester
from belvedere.domain.text import Text
from belvedere.domain.vocabulary import Action
from belvedere.policy import Party
from belvedere.rights.centre import centre_now
from belvedere.spine.snapshot import Snapshot

OFFERED = frozenset({Action.VIEW})
"""What a node carries out whatever it is connected to; of anything else it may only say what the convention would answer."""


def not_offered(
    decision: Granted | Pending, snapshot: Snapshot, requester: Requester, owner: Party, now: Instant
) -> Refused:
    """Return the node's refusal of what the convention would grant, or ask the owner for."""
    return Refused(
        articles=decision.articles,
        cause=Cause.NOT_OFFERED,
        reason=Text(
            "Cette caméra ne se pilote pas depuis ce système, quoi que la convention permette.",
            "This camera is not steered from this system, whatever the convention allows.",
        ),
        remedy=_remedy(snapshot, requester, owner, now),
        facts=decision.facts,
    )


def _remedy(snapshot: Snapshot, requester: Requester, owner: Party, now: Instant) -> Text:
    if requester.party == snapshot.place.party:
        return Text(
            f"Tourner la caméra dans le système vidéo {of(owner.called.fr)}.",
            f"Turn the camera in {owner.called.en}'s video system.",
        )
    centre = centre_now(snapshot, now)
    if centre is not None and centre.active:
        return Text(
            f"Demander au {owner.room} de tourner la caméra, par téléphone.",
            f"Ask the {owner.room} by telephone to turn the camera.",
        )
    return Text(
        f"Le {owner.room} est fermé : ouvrir une caméra voisine, ou envoyer quelqu'un.",
        f"The {owner.room} is closed: open a camera nearby, or send somebody.",
    )
