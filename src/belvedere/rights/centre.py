"""The owner's room as it is now: what its calendar says, and what was declared."""

from dataclasses import dataclass

from belvedere.domain.centre import HoursVaried
from belvedere.domain.clock import Instant
from belvedere.rights.facts import hours_override_at
from belvedere.spine.snapshot import Facts


@dataclass(frozen=True, slots=True)
class Centre:
    """The owner's room now. `changes_at` is when its hours next turn, None where they never do.

    *Active* is a fact beside the calendar: within hours, unless declared inactive.
    """

    open: bool
    inactive: bool
    authorisation_withdrawn: bool
    changes_at: Instant | None
    varied: HoursVaried | None

    @property
    def active(self) -> bool:
        """Whether the room is active."""
        return self.open and not self.inactive


def centre_now(facts: Facts, at: Instant) -> Centre | None:
    """Return the room of the node's party as it is at `at`, or None where no convention binds it."""
    owner = facts.place.party
    convention = facts.convention_between(owner, owner)
    if convention is None:
        return None
    declared, calendar = facts.centre(), convention.calendars.get(owner)
    override = hours_override_at(facts, at=at, zone=convention.zone)
    return Centre(
        open=calendar is not None and calendar.opening_at(at, override) is not None,
        inactive=declared.inactive,
        authorisation_withdrawn=declared.authorisation_withdrawn,
        changes_at=None if calendar is None else calendar.next_change(at, override),
        varied=facts.hours_varied(at.astimezone(convention.zone).date()),
    )
