"""A scripted story over a real node's API, and what every answer promised; told until the node dies or the story ends."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.faults.served import Served

DIED = (httpx.TransportError,)


@dataclass
class Promised:
    """What the node acknowledged before it died."""

    events: dict[str, set[str]] = field(default_factory=dict)
    """Of each event, the acts that were acknowledged: opened, amended, closed."""
    granted: set[str] = field(default_factory=set)
    """Viewings that got a ticket: a picture may have flowed."""
    closed: set[str] = field(default_factory=set)
    refused: set[str] = field(default_factory=set)
    """Cameras that were refused."""
    suspended: set[tuple[str, str]] = field(default_factory=set)
    """Viewing and act: suspended, lifted."""
    unrecorded: int = 0
    """How often the node said 503: no record, hence nothing happened."""
    ended: bool = False
    """Whether the story came to its end."""


class NodeDied(Exception):
    """The node answers no more."""


@dataclass
class Story:
    """An evening: events, pictures, a suspension, all slots taken."""

    served: Served
    promised: Promised = field(default_factory=Promised)

    def tell(self) -> Promised:
        try:
            self._tell()
            self.promised.ended = True
        except NodeDied:
            pass
        return self.promised

    def _tell(self) -> None:
        officer, second, own, director = (
            self._sign_in(login) for login in ("cic-operator", "cic-second", "csu-operator", "police-director")
        )
        event = self.event(officer, "levee-de-doute")
        first = self.open(officer, 1, event)
        self.open(own, 1, None)
        self._together(
            lambda: self.open(officer, 2, event),
            lambda: self.open(second, 3, event),
            lambda: self.open(own, 4, None),
        )
        self.open(officer, 9, None)  # without an event: refused
        if first is not None:
            self.suspend(director, first)
            self.open(officer, 1, event)
            self.lift(director, first)
        again = self.open(officer, 1, event)
        self._together(*(lambda camera=camera: self.open(second, camera, event) for camera in range(5, 11)))
        if again is not None:
            self.close(officer, again)
        self.open(second, 11, event)
        other = self.event(second, "trouble-grave")
        self.open(second, 11, other)
        self.amend(officer, event, {"motive": "rixe"}, "amended")
        self.amend(officer, event, {"state": "closed"}, "closed")
        for camera in range(1, 5):
            self.open(second, camera, other)

    def event(self, client: httpx.Client, kind: str) -> str | None:
        answer = self._ask(client, "POST", "/events", {"kind": kind})
        if answer is None or answer.status_code != 201:
            return None
        event = str(answer.json()["id"])
        self.promised.events[event] = {"opened"}
        return event

    def amend(self, client: httpx.Client, event: str | None, change: dict[str, str], act: str) -> None:
        if event is not None:
            answer = self._ask(client, "PATCH", f"/events/{event}", change)
            if answer is not None and answer.status_code == 200:
                self.promised.events[event].add(act)

    def open(self, client: httpx.Client, camera: int, event: str | None) -> str | None:
        answer = self._ask(client, "POST", "/streams", {"camera": f"vda-{camera:03}", "event": event})
        if answer is None or answer.status_code in {403, 409}:
            if answer is not None:
                self.promised.refused.add(f"vda-{camera:03}")
            return None
        assert answer.status_code == 201, answer.text
        viewing = str(answer.json()["id"])
        self.promised.granted.add(viewing)
        return viewing

    def close(self, client: httpx.Client, viewing: str) -> None:
        answer = self._ask(client, "DELETE", f"/streams/{viewing}", None)
        if answer is not None and answer.status_code == 204:
            self.promised.closed.add(viewing)

    def suspend(self, client: httpx.Client, viewing: str) -> None:
        body = {"ground": "mask-fault", "reason": "masque à refaire"}
        answer = self._ask(client, "POST", f"/streams/{viewing}/suspension", body)
        if answer is not None and answer.status_code == 201:
            self.promised.suspended.add((viewing, "suspended"))

    def lift(self, client: httpx.Client, viewing: str) -> None:
        answer = self._ask(client, "DELETE", f"/streams/{viewing}/suspension", None)
        if answer is not None and answer.status_code == 204:
            self.promised.suspended.add((viewing, "lifted"))

    def _sign_in(self, login: str) -> httpx.Client:
        try:
            return self.served.sign_in(login)
        except DIED as failure:
            raise NodeDied from failure

    def _ask(self, client: httpx.Client, method: str, path: str, body: Any) -> httpx.Response | None:
        """Return the answer, or None where the node said that it could record nothing."""
        try:
            answer = client.request(method, f"/api/v1{path}", json=body)
        except DIED as failure:
            raise NodeDied from failure
        assert answer.status_code != 500, answer.text
        if answer.status_code == 503:
            self.promised.unrecorded += 1
            return None
        return answer

    def _together(self, *acts: Callable[[], object]) -> None:
        """Do several things at once; each has its own connection."""
        with ThreadPoolExecutor(len(acts)) as threads:
            died = [each for each in [threads.submit(act) for act in acts] if each.exception() is not None]
        for each in died:
            each.result()


def broken_promises(promised: Promised, records: list[dict[str, Any]]) -> list[str]:
    """Return what was acknowledged and does not stand in the ledger."""
    opened = {str(each["viewing"]) for each in records if each["kind"] == "opened"}
    ended = {str(each["viewing"]) for each in records if each["kind"] == "ended"}
    granted = {str(each["viewing"]) for each in records if each["kind"] == "decision" and each["verdict"] == "granted"}
    refused = {each["camera"] for each in records if each["kind"] == "decision" and each["verdict"] == "refused"}
    acts = {(each["event"]["id"], each["cause"]) for each in records if each["kind"] == "event"}
    suspended = {(each["viewing"], each["cause"]) for each in records if each["kind"] == "suspension"}
    broken = [f"viewing {viewing} flowed without a record" for viewing in promised.granted - (opened & granted)]
    broken += [f"viewing {viewing} was closed without a record" for viewing in promised.closed - ended]
    broken += [f"camera {camera} was refused without a record" for camera in promised.refused - refused]
    broken += [
        f"event {event} was {act} without a record"
        for event, done in promised.events.items()
        for act in done
        if (event, act) not in acts
    ]
    broken += [f"viewing {viewing} was {act} without a record" for viewing, act in promised.suspended - suspended]
    return broken
