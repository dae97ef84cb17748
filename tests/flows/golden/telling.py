"""How the golden story is told: acts over HTTP, the records that each makes, in words that stay the same from run to run.

A block is an act: a heading, `# who: METHOD path body → status cause`, and the records that it made, each one line of
canonical JSON. Left out are `at`, `v`, `node` and `epoch`, and members without a value. Pseudonyms, hashes and signatures
have stable names; the hash of what was typed is told as the text itself; what an act makes, or tries to make, is numbered within its chapter (`viewing-3-1`), so that an act more
or one refused moves no other's name. Instants that a decision states (`valid_until`, facts) stay: the test owns the clock.
"""

import difflib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import anyio
import httpx

from belvedere.ledger.canonical import canonical_json
from belvedere.media.relay import MediaEvent
from tests.flows.conftest import AGENTS, PASSWORD, PIN, City, station_secret
from tests.stored import stored_words

LEFT_OUT = frozenset({"at", "v", "node", "epoch", "index"})
MADE_BY = {
    "/streams": "viewing",
    "/events": "event",
    "/handover": "note",
    "/stations": "station",
    "/ptz/leases": "lease",
    "/looks": "look",
    "/convention/leaving": "proposal",
}
UNTOLD = frozenset({"password", "pin", "station", "markdown", "signatures", "keys"})
"""Members of bodies that no heading repeats: secrets, and long texts."""
_SHA256 = re.compile(r"\b[0-9a-f]{64}\b")
_SIGNATURE = re.compile(r"(?m)^(— \S+) \S+$")
RECORDED_S_MAX = 30.0
_HEADING = "# "
_CHAPTER = "## "


@dataclass
class Act:
    """One act of the story and the records that it made."""

    heading: str
    records: list[str]
    chapter: str = ""
    """Given to the first act of a chapter."""

    def lines(self) -> list[str]:
        chapter = [_CHAPTER + self.chapter, ""] if self.chapter else []
        return [*chapter, _HEADING + self.heading, *self.records]


def written(acts: Sequence[Act]) -> str:
    """Return the story as its file holds it."""
    return "\n".join("\n".join(act.lines()) + "\n" for act in acts)


def read(text: str) -> list[Act]:
    """Return the acts of a story's file."""
    acts: list[Act] = []
    chapter = ""
    for line in text.splitlines():
        if line.startswith(_CHAPTER):
            chapter = line.removeprefix(_CHAPTER)
        elif line.startswith(_HEADING):
            acts.append(Act(line.removeprefix(_HEADING), [], chapter))
            chapter = ""
        elif line:
            acts[-1].records.append(line)
    return acts


@dataclass
class Names:
    """Stable names of what has another id in each run."""

    chapter: int = 0
    _named: dict[str, str] = field(default_factory=dict)
    _counted: dict[str, int] = field(default_factory=dict)

    def begin_chapter(self) -> None:
        """Count anew what is made."""
        self.chapter += 1
        self._counted.clear()

    def next(self, kind: str) -> str:
        """Return the name of what the next act makes, or tries to make."""
        self._counted[kind] = self._counted.get(kind, 0) + 1
        return f"{kind}-{self.chapter}-{self._counted[kind]}"

    def give(self, value: str, name: str) -> None:
        """Name a value, as an agent's pseudonym by its login; a value keeps its first name."""
        self._named.setdefault(value, name)

    def in_text(self, text: str) -> str:
        """Return `text` with ids, pseudonyms, hashes and signatures named."""
        if text in self._named:
            return self._named[text]
        return _SIGNATURE.sub(r"\1 (signature)", _SHA256.sub(lambda found: self._text(found[0]), text))

    def _text(self, sha256: str) -> str:
        return self._named.setdefault(
            sha256, f"text-{sum(name.startswith('text-') for name in self._named.values()) + 1}"
        )

    def in_heading(self, heading: str) -> str:
        """Return a heading in which ids stand within an address or a body."""
        for value, name in self._named.items():
            heading = heading.replace(value, name)
        return self.in_text(heading)

    def of(self, value: Any) -> Any:
        """Return a JSON value with all that it holds named; members without a value are left out."""
        match value:
            case str():
                return self.in_text(value)
            case Mapping():
                named = {self.in_text(name): self.of(member) for name, member in value.items()}
                return {name: member for name, member in named.items() if member not in (None, [], {})}
            case list() | tuple():
                return [self.of(member) for member in value]
            case _:
                return value


@dataclass
class Person:
    """Someone with a browser, signed in or not."""

    teller: "Teller"
    login: str
    client: httpx.AsyncClient

    async def ask(self, method: str, path: str, body: object = None, **more: Any) -> dict[str, Any]:
        """Ask for `path` (under the API unless it begins with `//`), tell it as an act, return the body of the answer.

        Where nothing was made, the `id` is a name that nothing answers to, and the story goes on.
        """
        address = path.removeprefix("/") if path.startswith("//") else f"/api/v1{path}"
        answer = await self.client.request(method, address, json=body, **more)
        said: object = answer.json() if answer.content and "json" in answer.headers["content-type"] else {}
        told: dict[str, Any] = said if isinstance(said, dict) else {}
        made = MADE_BY.get(path) if method == "POST" else None
        if made is not None:
            name = self.teller.names.next(made)
            self.teller.names.give(str(told.setdefault("id", name)), name)
            if made == "lease":
                self._name_what_a_lease_makes(told)
        await self.teller.close_act(
            f"{self.login}: {method} {address}{_shown_body(more.get('params', body))} → {_outcome(answer, told)}"
        )
        return told

    def _name_what_a_lease_makes(self, told: Mapping[str, Any]) -> None:
        names, lease = self.teller.names, str(told["id"])
        names.give(f"n-{lease.removeprefix('l-')}-1", f"notice-of-{names.in_text(lease)}")
        if told.get("authorisation"):
            names.give(str(told["authorisation"]), f"authorisation-of-{names.in_text(lease)}")

    async def get(self, path: str, **more: Any) -> dict[str, Any]:
        return await self.ask("GET", path, **more)

    async def post(self, path: str, **body: object) -> dict[str, Any]:
        return await self.ask("POST", path, body)

    async def patch(self, path: str, **body: object) -> dict[str, Any]:
        return await self.ask("PATCH", path, body)

    async def put(self, path: str, **body: object) -> dict[str, Any]:
        return await self.ask("PUT", path, body)

    async def delete(self, path: str) -> dict[str, Any]:
        return await self.ask("DELETE", path)

    async def opens_event(self, kind: str, **words: str) -> str:
        event: str = (await self.post("/events", kind=kind, **words))["id"]
        return event

    async def opens(self, camera: int | str, event: str | None = None, **more: str) -> str:
        name = camera if isinstance(camera, str) else f"vda-{camera:03}"
        viewing: str = (await self.post("/streams", camera=name, event=event, **more))["id"]
        return viewing

    async def relieved_by(self, login: str, pin: str = PIN) -> None:
        """The agent is relieved at the station; on success this browser is the relief's."""
        body = {"login": login, "pin": pin}
        answer = await self.ask("POST", "/session/relief", body)
        if "agent" in answer:
            self.teller.names.give(answer["agent"]["pseudonym"], f"agent {login}")
            self.login = login


def _shown_body(body: object) -> str:
    if not isinstance(body, Mapping):
        return ""
    shown = {name: value for name, value in body.items() if value is not None and name not in UNTOLD}
    return f" {canonical_json(shown).decode()}" if shown else ""


def _outcome(answer: httpx.Response, body: Mapping[str, Any]) -> str:
    cause = "" if answer.is_success else str(body.get("cause") or "")
    fields = ", ".join(str(each["field"]) for each in body.get("errors", ()))
    return " ".join(part for part in (str(answer.status_code), cause, fields) if part)


@dataclass
class Teller:
    """Tells one story: who acts, and which records each act made."""

    city: City
    names: Names = field(default_factory=Names)
    filed: int = 0
    """How many records already stand under an act."""
    _told: list[tuple[str, list[dict[str, Any]], str]] = field(default_factory=list)
    _chapter: str = ""

    async def close_act(self, heading: str) -> None:
        """End an act: the records since the last one are its own."""
        records = await self._new_records()
        self.filed += len(records)
        self._told.append((heading, records, self._chapter))
        self._chapter = ""

    async def know_agents(self) -> None:
        """Name every agent of the city by its login, whether it signs in or not: pseudonyms are drawn anew in each run."""
        accounts = await self.city.node.spine.read(
            lambda reading: [reading.account_by_login(login) for login in AGENTS]
        )
        for login, account in zip(AGENTS, accounts, strict=True):
            assert account is not None, login
            self.names.give(account.pseudonym, f"agent {login}")

    def begin_chapter(self, name: str) -> None:
        self.names.begin_chapter()
        self._chapter = f"{self.names.chapter} {name}"

    async def _new_records(self) -> list[dict[str, Any]]:
        records = (await self.city.records())[self.filed :]
        for sha256, text in await stored_words(self.city.node.database):
            self.names.give(sha256, f"« {text} »")
        return records

    async def passes(self, by: timedelta) -> None:
        """Let time pass; the watch wakes once."""
        self.city.clock.move(by)
        await self.city.watch.tick()
        await self.close_act(f"{by} pass, the watch wakes")

    async def socket(self, event: MediaEvent, *, recorded: bool) -> None:
        """Play what a viewer's socket or the relay does; `recorded` waits for the record that it always made."""
        await self.city.relay.tell(event)
        if recorded:
            with anyio.move_on_after(RECORDED_S_MAX):
                while not await self._new_records():
                    await anyio.sleep(0.01)
        said = " ".join(str(getattr(event, name)) for name in ("viewing", "cause") if hasattr(event, name))
        await self.close_act(f"relay: {type(event).__name__} {said}")

    def stranger(self, login: str) -> Person:
        """Return someone who is not signed in."""
        return Person(self, login, self.city.browser())

    async def sign_in(self, login: str, *, password: str = PASSWORD, station: str | None = None) -> Person:
        """Sign in at one's own station, or another; tell it, whatever the answer."""
        person = self.stranger(login)
        body = {"login": login, "password": password, "station": station or station_secret(login)}
        answer = await person.ask("POST", "/login", body)
        if "agent" in answer:
            self.names.give(answer["agent"]["pseudonym"], f"agent {login}")
        return person

    def acts(self) -> list[Act]:
        """Return the acts so far, all ids named."""
        return [
            Act(
                self.names.in_heading(heading),
                [
                    canonical_json(
                        self.names.of({name: value for name, value in record.items() if name not in LEFT_OUT})
                    ).decode()
                    for record in records
                ],
                chapter,
            )
            for heading, records, chapter in self._told
        ]


def differences(kept: Sequence[Act], told: Sequence[Act]) -> str:
    """Return what differs, act by act and member by member, for a person to read; empty where nothing does."""
    found: list[str] = []
    matcher = difflib.SequenceMatcher(
        a=[_request(act) for act in kept], b=[_request(act) for act in told], autojunk=False
    )
    for _, from_a, to_a, from_b, to_b in matcher.get_opcodes():
        pairs = max(to_a - from_a, to_b - from_b)
        for at in range(pairs):
            before = kept[from_a + at] if from_a + at < to_a else None
            after = told[from_b + at] if from_b + at < to_b else None
            found += _of_act(before, after)
    return "\n".join(found)


def _request(act: Act) -> str:
    """Return an act's heading without its outcome: by it, acts of two stories are the same act."""
    return act.heading.split(" → ")[0]


def _of_act(before: Act | None, after: Act | None) -> Iterator[str]:
    if before == after:
        return
    if before is None or after is None or _request(before) != _request(after):
        for sign, act in (("-", before), ("+", after)):
            if act is not None:
                yield from (f"{sign} {line}" for line in act.lines())
        return
    yield f"# {after.heading}" if before.heading == after.heading else f"# {before.heading}   now: {after.heading}"
    old, new = before.records, after.records
    for _, from_a, to_a, from_b, to_b in difflib.SequenceMatcher(a=old, b=new, autojunk=False).get_opcodes():
        if old[from_a:to_a] == new[from_b:to_b]:
            continue
        for at in range(max(to_a - from_a, to_b - from_b)):
            yield from _of_record(
                old[from_a + at] if from_a + at < to_a else None, new[from_b + at] if from_b + at < to_b else None
            )


def _of_record(before: str | None, after: str | None) -> Iterator[str]:
    if before is None or after is None:
        yield f"  + {after}" if before is None else f"  - {before}"
        return
    old, new = _flat(json.loads(before)), _flat(json.loads(after))
    yield f"  {new.get('kind')} {new.get('cause', '')}".rstrip() + ":"
    for name in sorted({*old, *new}):
        if old.get(name) != new.get(name):
            yield f"    {name}: {_shown(old.get(name))} → {_shown(new.get(name))}"


def _flat(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return the members of a record, those of an object within it by themselves: `detail.motive`."""
    flat: dict[str, Any] = {}
    for name, value in record.items():
        flat |= {f"{name}.{inner}": each for inner, each in value.items()} if isinstance(value, dict) else {name: value}
    return flat


def _shown(value: object) -> str:
    return "(none)" if value is None else json.dumps(value, ensure_ascii=False, sort_keys=True)
