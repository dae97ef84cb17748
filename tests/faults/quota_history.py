"""Checks a history of concurrent calls on one party's slots: is there an order of one call after the other that
explains every answer, each call taking effect between its invocation and its answer (Herlihy and Wing, 1990)?

The search is Wing and Gong's with Lowe's memory of places already seen. A call whose answer was never heard may
have taken effect, may still be undone, or may have left no trace.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from types import MappingProxyType

Running = tuple[tuple[str, str, int], ...]
"""Every running viewing with its camera and the camera's slot, oldest first."""


@dataclass(frozen=True)
class Open:
    camera: str


@dataclass(frozen=True)
class Close:
    viewing: str


@dataclass(frozen=True)
class Look:
    """Read everything that runs."""


@dataclass(frozen=True)
class Granted:
    viewing: str
    slot: int
    used: int


@dataclass(frozen=True)
class Full:
    holders: tuple[str, ...]


@dataclass(frozen=True)
class Closed:
    found: bool


@dataclass(frozen=True)
class Seen:
    running: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Unheard:
    """The caller was cut off before it heard an answer."""


Hint = Mapping[tuple[str, str], int]
Wish = Open | Close | Look
Answer = Granted | Full | Closed | Seen | Unheard


@dataclass(frozen=True)
class Call:
    """One call. `invoked` and `answered` are places in one common order of happenings."""

    wish: Wish
    answer: Answer
    invoked: int
    answered: int


@dataclass
class History:
    """Takes the calls of many clients down as they happen."""

    calls: list[Call] = field(default_factory=list)
    _happenings: int = 0

    def invoke(self) -> int:
        self._happenings += 1
        return self._happenings

    def answer(self, wish: Wish, invoked: int, answer: Answer) -> None:
        self._happenings += 1
        self.calls.append(Call(wish, answer, invoked, self._happenings))


def slots_of(running: Running) -> tuple[str, ...]:
    """Return the cameras in flow, oldest first: a slot is a camera, whatever the number of its viewers."""
    return tuple(dict.fromkeys(camera for _, camera, _ in running))


def with_viewing(running: Running, viewing: str, camera: str) -> Running:
    """Return what runs once `viewing` does too: a camera keeps its slot, another takes the lowest that is free."""
    taken = {held: slot for _, held, slot in running}
    lowest = next(number for number in count(1) if number not in taken.values())
    return (*running, (viewing, camera, taken.get(camera, lowest)))


def _after_open(running: Running, camera: str, call: Call, quota: int) -> Iterator[Running]:
    slots = slots_of(running)
    match call.answer:
        case Granted(viewing, slot, used):
            cameras = {each: held for each, held, _ in running}
            after = running if cameras.get(viewing) == camera else with_viewing(running, viewing, camera)
            fits = used == len(slots_of(after)) <= quota and cameras.get(viewing, camera) == camera
            if fits and (viewing, camera, slot) in after:
                yield after
        case Full(holders):
            if camera not in slots and len(slots) == quota and holders == slots:
                yield running
        case Unheard():
            if camera in slots or len(slots) < quota:
                yield with_viewing(running, f"unheard-{call.invoked}", camera)


def _as_seen(running: Running, seen: tuple[tuple[str, str], ...]) -> bool:
    """Return whether a reader that saw `seen` saw `running`; nobody ever heard the ids of unheard viewings."""
    known = {viewing for viewing, _, _ in running}
    told = tuple(("unheard" if viewing.startswith("unheard-") else viewing, camera) for viewing, camera, _ in running)
    return told == tuple((viewing if viewing in known else "unheard", camera) for viewing, camera in seen)


def _after(running: Running, call: Call, quota: int) -> Iterator[Running]:
    """Yield what can run after `call`, if its answer is possible where `running` runs."""
    match call.wish, call.answer:
        case Open(camera), _:
            yield from _after_open(running, camera, call, quota)
        case Close(viewing), Closed(found) if found != any(each[0] == viewing for each in running):
            return
        case Close(viewing), _:
            yield tuple(each for each in running if each[0] != viewing)
        case Look(), Seen(seen) if _as_seen(running, seen):
            yield running


def _with_undoing(calls: Sequence[Call]) -> list[Call]:
    """Add, for every open that was never heard of, that the node may take it back at any time later."""
    end = max((call.answered for call in calls), default=0) + 1
    undone = [
        Call(Close(f"unheard-{call.invoked}"), Unheard(), call.invoked, end)
        for call in calls
        if isinstance(call.wish, Open) and isinstance(call.answer, Unheard)
    ]
    return sorted((*calls, *undone), key=lambda call: call.invoked)


class NotLinearizable(Exception):
    """No order of the calls explains their answers."""


@dataclass
class _Place:
    """Where the search stands: every call before `low` is in effect, and of those from there on the bits of `taken`."""

    low: int
    taken: int
    running: Running
    choices: Iterator[tuple[int, Running]]


class _Search:
    """Wing and Gong's search over calls ordered by their invocation."""

    def __init__(self, calls: Sequence[Call], quota: int, hint: Hint) -> None:
        self._calls = calls
        self._quota = quota
        self._rank = [
            (hint.get(_named(call), 1 << 62), isinstance(call.answer, Unheard), call.answered) for call in calls
        ]
        self._unheard = [isinstance(call.answer, Unheard) for call in calls]
        self._seen: set[tuple[int, int, Running]] = set()
        self._path: list[int] = []
        self.longest: list[int] = []

    def run(self, places_max: int) -> list[int] | None:
        """Return an order in which every heard answer is explained, or None where there is none."""
        left = len(self._calls) - sum(self._unheard)
        stack = [self._place(0, 0, ())]
        while stack and left:
            step = next(stack[-1].choices, None)
            if step is None:
                stack.pop()
                left += bool(self._path) and not self._unheard[self._path.pop()]
                continue
            at, running = step
            low, taken = stack[-1].low, stack[-1].taken | 1 << (at - stack[-1].low)
            while taken & 1:
                low, taken = low + 1, taken >> 1
            if (low, taken, running) in self._seen:
                continue
            self._seen.add((low, taken, running))
            assert len(self._seen) < places_max, f"gave up after {places_max} places: neither explained nor refuted"
            self._path.append(at)
            left -= not self._unheard[at]
            if len(self._path) > len(self.longest):
                self.longest = list(self._path)
            stack.append(self._place(low, taken, running))
        return None if left else self._path

    def _place(self, low: int, taken: int, running: Running) -> _Place:
        return _Place(low, taken, running, self._choices(low, taken, running))

    def _waiting(self, low: int, taken: int) -> Iterator[int]:
        """Yield the calls not yet in effect that were invoked before any other such call was answered."""
        horizon = 1 << 62
        waiting = []
        for at in range(low, len(self._calls)):
            if self._calls[at].invoked > horizon:
                break
            if not taken >> (at - low) & 1:
                waiting.append(at)
                if not self._unheard[at]:
                    horizon = min(horizon, self._calls[at].answered)
        yield from (at for at in waiting if self._calls[at].invoked < horizon)

    def _choices(self, low: int, taken: int, running: Running) -> Iterator[tuple[int, Running]]:
        """Yield what can take effect next: what changes nothing, then the likeliest, calls never heard of last."""
        changing: list[tuple[int, Running]] = []
        for at in self._waiting(low, taken):
            for after in _after(running, self._calls[at], self._quota):
                if after != running:
                    changing.append((at, after))
                elif not self._unheard[at]:
                    yield at, after  # it can as well take effect now: no order is lost by that
                    return
        yield from sorted(changing, key=lambda choice: self._rank[choice[0]])


def _named(call: Call) -> tuple[str, str]:
    match call.wish, call.answer:
        case Open(), Granted(viewing, _, _):
            return "opened", viewing
        case Open(), Unheard():
            return "opened", f"unheard-{call.invoked}"
        case Close(viewing), _:
            return "ended", viewing
    return "", ""


def check(
    calls: Sequence[Call], *, quota: int, hint: Hint = MappingProxyType({}), places_max: int = 2_000_000
) -> list[Call]:
    """Return an order of `calls` that explains them, beginning with nothing running.

    `hint` says in which order the node itself claims that viewings were opened and ended. It makes the search
    short where the claim is true, and is never believed. Raises `NotLinearizable` with the longest order found; an `AssertionError` after `places_max` places.
    """
    ordered = _with_undoing(calls)
    search = _Search(ordered, quota, hint)
    found = search.run(places_max)
    if found is not None:
        return [ordered[at] for at in found]
    last = "\n".join(f"  {ordered[at]}" for at in search.longest[-12:])
    left = "\n".join(f"  {call}" for at, call in enumerate(ordered) if at not in set(search.longest))
    raise NotLinearizable(f"no order explains these answers. The longest ends:\n{last}\nand leaves:\n{left[:4000]}")
