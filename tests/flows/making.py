"""States that a test brings about without the act of anybody: changes, committed and followed as any other."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date

from belvedere.changes import Change, HabilitationRenewed
from belvedere.domain.agents import Account
from belvedere.domain.clock import Instant
from belvedere.node.compose import RunningNode
from belvedere.spine.snapshot import Snapshot
from belvedere.spine.step import Step


async def make(node: RunningNode, *changes: Change) -> None:
    """Make these changes so."""
    await node.spine.commit(lambda _, __: Step(None, changes))


async def make_of(node: RunningNode, changes_of: Callable[[Snapshot, Instant], Sequence[Change]]) -> None:
    """Make what `changes_of` finds to be changed."""
    await node.spine.commit(lambda snapshot, now: Step(None, tuple(changes_of(snapshot, now))))


async def give_last_day(node: RunningNode, login: str, until: date | None) -> Account:
    """Let an agent's habilitation end with a day, or never."""
    account = await node.spine.read(lambda snapshot: snapshot.account_by_login(login))
    assert account is not None
    assert account.habilitation is not None
    changed = replace(account, habilitation=replace(account.habilitation, until=until))
    await node.spine.commit(lambda _, now: Step(None, (HabilitationRenewed(changed, first=False, at=now),)))
    return changed
