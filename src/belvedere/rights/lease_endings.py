"""With which cause, articles and words a lease ends, or the asking for one."""

from belvedere.domain.authorisations import Authorisation, AuthorisationState
from belvedere.domain.causes import Cause
from belvedere.domain.decision import Refused
from belvedere.domain.ids import ArticleRef, PartyId, ServiceId
from belvedere.domain.leases import LeaseEnding
from belvedere.domain.text import Text
from belvedere.policy import Convention
from belvedere.policy.clauses.access import Priority
from belvedere.policy.clauses.steering import OwnerPriority, PtzTakeover

OF_AUTHORISATION = {
    AuthorisationState.REFUSED: Cause.STEERING_REFUSED,
    AuthorisationState.WITHDRAWN: Cause.STEERING_WITHDRAWN,
    AuthorisationState.DENIED: Cause.STEERING_DENIED,
}
"""Why nothing rests on an authorisation any more; one that none of these says is past its term."""


def in_the_causes_words(
    cause: Cause, articles: tuple[ArticleRef, ...] = (), by: ServiceId | None = None
) -> LeaseEnding:
    """Return the ending in the words that the cause always has."""
    return LeaseEnding(cause, articles, cause.words.sentence, cause.words.remedy, by)


def no_longer_granted(refused: Refused) -> LeaseEnding:
    """A rule that granted no longer does, or never did what was asked."""
    return LeaseEnding(refused.cause, refused.articles, refused.reason, refused.remedy)


def authorisation_over(word: Authorisation | None, articles: tuple[ArticleRef, ...]) -> LeaseEnding:
    """Nothing rests on the authorisation any more: refused, taken back, denied, past its term."""
    cause = Cause.STEERING_LAPSED if word is None else OF_AUTHORISATION.get(word.state, Cause.STEERING_LAPSED)
    # What the owner typed stays with it: whoever asked reads the ground, beside the authorisation.
    return in_the_causes_words(cause, articles)


def taken(
    cause: Cause, *, convention: Convention | None, owner: PartyId, party: PartyId, by_party: PartyId, by: ServiceId
) -> LeaseEnding:
    """Somebody who comes first has the camera of `owner` now: its own room, or another service of `party`."""
    if convention is None:
        return in_the_causes_words(cause, by=by)
    if cause is Cause.OWNER_STEERS:
        room = convention.named(owner).room
        return LeaseEnding(
            cause,
            convention.cites_of(OwnerPriority, lambda each: (each.owner, each.over) == (owner, party)),
            Text(
                f"Le {room} pilote cette caméra : il garde la priorité.",
                f"The {room} is steering this camera: it keeps priority.",
            ),
            Text(f"Demander au {room} de la tourner pour vous.", f"Ask the {room} to turn it for you."),
            by,
        )
    articles = convention.cites_of(Priority, lambda each: each.party == party) if by_party == party else ()
    if cause in {Cause.TAKEN_BY_SERVICE, Cause.STEERED} and by_party != owner:
        who = convention.named(by_party).service(by)
        return LeaseEnding(
            cause,
            articles,
            Text(f"Le {who} pilote cette caméra : il a priorité.", f"The {who} is steering it: it has priority."),
            Text(f"Appeler le {who}.", f"Call the {who}."),
            by,
        )
    return in_the_causes_words(cause, by=by)


def takeover_articles(convention: Convention, *, owner: PartyId, party: PartyId) -> tuple[ArticleRef, ...]:
    """Return the texts that say on whose authorisation `party` steers."""
    return convention.cites_of(PtzTakeover, lambda each: (each.owner, each.party) == (owner, party))
