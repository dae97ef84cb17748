"""The golden story: every act that there is over HTTP, in the small city of the flows, from a first start to a last day.

Nothing is asserted here: what each act answers and records is what the kept file says. An act that is refused one day
goes on all the same, with ids that nothing answers to.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from belvedere import clock
from belvedere.domain.causes import Cause
from belvedere.domain.clock import Instant
from belvedere.domain.ids import ViewingId
from belvedere.media.relay import DeadlinePassed, ViewingConnected, ViewingDropped
from tests.flows.conftest import AGENTS, City, MovedClock
from tests.flows.golden.telling import Person, Teller
from tests.flows.test_convention_lives import changed_text, signatures

OWN_STATION = {"csu-room-chief": "poste-1", "cic-supervisor": "poste-6"}
LATE_ORDER = datetime.fromisoformat("2031-12-02T23:00:01+00:00")


@dataclass
class DemoClock(MovedClock, clock.MovedClock):
    """The flows' clock that stands still, and that the demo's page moves."""

    ahead_s: float = field(default=0.0)

    def move_to(self, at: Instant) -> bool:
        if at < self.at:
            return False
        self.at = at
        return True


@dataclass
class Room:
    """Who is there: each signed in at their own station."""

    teller: Teller
    operator: Person
    chief: Person
    director: Person
    inspector: Person
    officer: Person
    second: Person
    supervisor: Person
    srpj: Person
    never: Person
    over: Person

    @property
    def city(self) -> City:
        return self.teller.city


async def tell_first_start(teller: Teller) -> None:
    """Tell the first day, and the years after it, on one start of the node; a picture still runs when it stops."""
    await teller.know_agents()
    teller.begin_chapter("the node starts, and people sign in")
    await teller.close_act("the node starts")
    room = await _sign_in(teller)
    for chapter in CHAPTERS:
        teller.begin_chapter(chapter.__name__.replace("_", " "))
        await chapter(room)
        # No picture reaches into the next chapter, so that what changes in one changes in one alone.
        await teller.passes(timedelta(seconds=1))
        await teller.passes(timedelta(seconds=31))
    await (await teller.sign_in("police-director")).opens(1)


async def tell_restart(teller: Teller) -> None:
    """Tell what a second start of the node finds, and the demo's clock."""
    teller.begin_chapter("the node starts again")
    await teller.close_act("the node starts again")
    operator = await teller.sign_in("csu-operator")
    await operator.get("//demo")
    await operator.ask("POST", "//demo/clock", None, data={"at": "07:30"})
    await operator.ask("POST", "//demo/clock", None, data={"at": "1999-01-01T00:00:00"})
    await operator.post("/logout")


async def _sign_in(teller: Teller) -> Room:
    await teller.sign_in("csu-operator", password="another password")
    await teller.sign_in("csu-operator", station="no station's secret")
    await teller.sign_in("cic-third")  # does nothing: signed in, the agent has a name that stays
    await teller.stranger("nobody").post("/streams", camera="vda-001")
    return Room(
        teller,
        operator=await teller.sign_in("csu-operator"),
        chief=await teller.sign_in("csu-room-chief"),
        director=await teller.sign_in("police-director"),
        inspector=await teller.sign_in("inspector"),
        officer=await teller.sign_in("cic-operator"),
        second=await teller.sign_in("cic-second"),
        supervisor=await teller.sign_in("cic-supervisor"),
        srpj=await teller.sign_in("srpj"),
        never=await teller.sign_in("never-designated"),
        over=await teller.sign_in("term-over"),
    )


async def everything_is_read(room: Room) -> None:
    officer = room.officer
    for path in (
        "/node", "/session", "/cameras", "/cameras.geojson", "/cameras.csv", "/ground", "/centre", "/convention",
        "/convention/page", "/convention/agenda", "/convention/calendar.ics", "/layout", "/events", "/streams",
        "/handover", "/ledger/checkpoint", "/ledger/tile/entries/000.p/1", "/stations", "/habilitations",
        "/ledger/witnessed/nobody.example/log",
    ):  # fmt: skip
        await officer.get(path)
    for path in ("/ledger/cosignature", "/ledger/witness"):
        await officer.ask("POST", path, content="no note", headers={"Content-Type": "text/plain"})
    await room.supervisor.get("/stations")
    await room.supervisor.get("/habilitations")
    async with officer.client.stream("GET", "/api/v1/changes") as screen:
        await room.teller.close_act(f"{officer.login}: GET /api/v1/changes → {screen.status_code}")
    for path in ("/cameras", "/cameras.geojson", "/cameras.csv"):
        await room.never.get(path)
    await room.over.get("/cameras")


async def questions_are_answered_without_a_record(room: Room) -> None:
    what_if = {
        "action": "record",
        "at": "2026-03-25T10:00:00+01:00",
        "agent": {"party": "etat", "service": "cic", "habilitated": True, "station_registered": True},
        "camera": {"id": "vda-001", "owner": "villeneuve-dascq"},
    }
    text = changed_text(room.city, "cameras = 8", "cameras = 5")
    await room.officer.post("/preview", action="view", camera="vda-001")
    await room.director.ask("POST", "/convention/what-if", what_if)
    await room.director.post("/centre/activity/preview", inactive=True)
    await room.director.post("/convention/withdrawal/preview", withdrawn=True)
    await room.director.post("/convention/term/preview", word="non-renewal", on="2026-03-25")
    note = signatures(room.city, text)
    await room.director.post("/convention/replacement/preview", markdown=text.decode(), signatures=note)
    await room.director.post("/convention/replacement/changes", markdown=text.decode())
    await room.officer.put("/layout", tiles=8, large="vda-117")


async def events_and_their_pictures(room: Room) -> None:
    officer, second, operator = room.officer, room.second, room.operator
    event = await officer.opens_event("levee-de-doute", sector="Centre", dispatch_number="4512")
    first = await officer.opens(1, event)
    await officer.opens(1, event)
    await second.opens(1, event)
    await operator.opens(1)
    theirs = await operator.opens_event("intervention", motive="rixe signalée")
    await operator.opens(2, theirs)
    await operator.opens(3, theirs, purpose="verbalisation")
    # What is refused, and what is not found.
    await officer.opens(2)
    await officer.opens(2, theirs)
    await officer.opens(2, "e-nowhere")
    await officer.opens("vda-999", event)
    await officer.opens(2, await officer.opens_event("surveillance-ponctuelle"))
    await room.never.opens(2, await room.never.opens_event("intervention"))
    await room.over.opens(2, event)
    await room.over.opens(2, event)
    await room.teller.passes(timedelta(seconds=20))
    await room.inspector.opens(2)
    await room.inspector.opens(2, await room.inspector.opens_event("intervention"))
    await room.srpj.opens(2, await room.srpj.opens_event("recherche-personne"))
    # Steering that the convention refuses.
    for who, camera in ((officer, "vda-003"), (officer, "vda-001"), (room.never, "vda-003")):
        await who.post("/ptz/leases", camera=camera, event=event)
    # Words, by whom they are one's own and by others; a close owes its motive.
    await officer.patch(f"/events/{event}", state="closed")
    await officer.patch(f"/events/{event}", motive="appel 4512")
    await second.patch(f"/events/{event}", motive="autre version", sector="Résidence")
    await second.patch(f"/events/{event}", state="closed")
    await operator.patch(f"/events/{event}", motive="d'une autre partie")
    await room.inspector.patch(f"/events/{theirs}", motive="de l'inspection", dispatch_number="17")
    await room.chief.patch(f"/events/{theirs}", motive="du chef de salle")
    # One's own picture is closed by oneself alone.
    await second.delete(f"/streams/{first}")
    await officer.delete(f"/streams/{first}")
    await officer.delete(f"/streams/{first}")
    await room.supervisor.patch(f"/events/{event}", state="closed")
    await officer.patch(f"/events/{event}", motive="trop tard")
    await officer.opens(4, event)
    await operator.patch(f"/events/{theirs}", state="closed")
    await operator.post("/logout")
    room.operator = await room.teller.sign_in("csu-operator")


async def cameras_are_steered(room: Room) -> None:
    officer, second, operator, chief, director = room.officer, room.second, room.operator, room.chief, room.director

    async def asks(who: Person) -> tuple[str, str]:
        said = await who.post("/ptz/leases", camera="vda-003", event=None if who is operator else event)
        return str(said["id"]), str(said.get("authorisation"))

    left = {"pan": -1, "tilt": 0, "zoom": 0}
    event = await officer.opens_event("trouble-grave")
    await asks(officer)
    await officer.opens(3, event)
    await second.opens(3, event)
    lease, word = await asks(officer)
    await officer.post(f"/ptz/leases/{lease}/move", **left)
    # Whose word it is.
    await chief.get("/authorisations")
    await operator.post(f"/authorisations/{word}", verdict="granted")
    await officer.post(f"/authorisations/{word}", verdict="granted")
    await chief.post(f"/authorisations/{word}", verdict="granted", scope="event")
    await chief.post(f"/authorisations/{word}", verdict="refused")
    # What is commanded, and by whom.
    await officer.post(f"/ptz/leases/{lease}/move", **left)
    await officer.post(f"/ptz/leases/{lease}/move", pan=2, tilt=0)
    await officer.post(f"/ptz/leases/{lease}/goto", x=0.5, y=0)
    await officer.post(f"/ptz/leases/{lease}/stop")
    await officer.get(f"/ptz/leases/{lease}/camera")
    await second.get(f"/ptz/leases/{lease}/camera")
    await second.post(f"/ptz/leases/{lease}/move", **left)
    await officer.get("/ptz/leases")
    await officer.get("/notices")
    await officer.delete("/ptz/away/vda-003")
    # Whose word counts as the director's.
    agents = (await director.get("/habilitations"))["items"]
    deputy = next(str(each["agent"]) for each in agents if each["role"] == "csu-operator")
    until = (room.city.clock.now() + timedelta(days=30)).isoformat()
    await director.put(f"/deputies/{deputy}", until=until)
    await director.put(f"/deputies/{deputy}", until=room.city.clock.now().isoformat())
    await operator.get("/deputies")
    await chief.delete(f"/deputies/{deputy}")
    await director.delete(f"/deputies/{deputy}")
    # The room is asked to look, and does.
    look = str((await officer.post("/looks", camera="vda-003", target="attroupement à la fontaine", event=event))["id"])
    await officer.post("/looks", target="nulle part", event=event)
    await operator.post("/looks", camera="vda-003", target="pour soi", event=event)
    await officer.patch(f"/looks/{look}", state="accepted")
    await operator.patch(f"/looks/{look}", state="accepted")
    await operator.get("/looks")
    await operator.patch(f"/looks/{look}", state="done", note="une vingtaine de personnes")
    await operator.patch(f"/looks/{look}", state="declined")
    colleagues, _ = await asks(second)
    await second.post(f"/ptz/leases/{colleagues}/answer", answer="yes")
    await officer.post(f"/ptz/leases/{colleagues}/answer", answer="no")
    # The owner takes it back, and gives it up.
    owners, _ = await asks(operator)
    await officer.post(f"/ptz/leases/{lease}/move", **left)
    await asks(officer)
    await operator.delete(f"/ptz/leases/{owners}")
    await operator.delete(f"/ptz/leases/{owners}")
    await asks(officer)
    await director.patch(f"/authorisations/{word}", state="withdrawn", reason="équipage en approche")
    # By voice.
    lease, word = await asks(officer)
    at = room.city.clock.now().isoformat()
    for by in ("csu-operator", "csu-room-chief"):
        await operator.post("/authorisations", lease_request=lease, given_by=by, channel="radio", at=at)
    await chief.post(f"/authorisations/{word}/confirmation", confirmed=False)
    lease, word = await asks(officer)
    await chief.post(f"/authorisations/{word}", verdict="refused", reason="mon équipage est là")
    await chief.put("/cameras/vda-003/crew")
    await asks(officer)
    await chief.delete("/cameras/vda-003/crew")
    # While the room is not active nobody is asked, and a notice is owed.
    await director.post("/centre/activity", inactive=True, reason="évacuation")
    await asks(officer)
    await director.post("/centre/activity", inactive=False, reason="retour")
    await officer.patch(f"/events/{event}", motive="émeute", state="closed")


async def slots_and_pre_emption(room: Room) -> None:
    theirs = await room.srpj.opens_event("surveillance-ponctuelle")
    await room.srpj.opens(1, theirs)
    await room.srpj.opens(2, theirs)
    event = await room.officer.opens_event("trouble-grave", motive="rassemblement")
    held = [await room.officer.opens(camera, event) for camera in range(3, 9)]
    await room.officer.opens(9, event)
    await room.srpj.opens(10, theirs)
    await room.second.opens(3, event)
    await room.officer.delete(f"/streams/{held[-1]}")
    await room.srpj.opens(10, theirs)
    await room.srpj.patch(f"/events/{theirs}", state="closed", motive="fin")
    await room.officer.patch(f"/events/{event}", state="closed")


async def suspensions(room: Room) -> None:
    officer, director = room.officer, room.director
    event = await officer.opens_event("intervention", motive="vol")
    viewing = await officer.opens(1, event)
    fault = {"ground": "mask-fault", "reason": "masque décalé"}
    await officer.post(f"/streams/{viewing}/suspension", **fault)
    await room.chief.post(f"/streams/{viewing}/suspension", **fault)
    await director.post("/streams/v-nowhere/suspension", **fault)
    own = await room.operator.opens(1)
    await director.post(f"/streams/{own}/suspension", **fault)
    await room.second.opens(1, event)
    await director.post(f"/streams/{viewing}/suspension", **fault)
    await officer.opens(1, event)
    await officer.post("/preview", action="view", camera="vda-001", event=event)
    await officer.delete(f"/streams/{viewing}/suspension")
    await director.delete(f"/streams/{viewing}/suspension")
    await director.delete(f"/streams/{viewing}/suspension")
    await officer.opens(1, event)
    for ground in ("security-incident", "withdrawal"):
        other = await officer.opens(2, event)
        await director.post(f"/streams/{other}/suspension", ground=ground, reason="essai")
        await director.delete(f"/streams/{other}/suspension")
    await officer.patch(f"/events/{event}", state="closed")


async def a_shift_changes(room: Room) -> None:
    """Whoever relieves another goes on in the same browser: at the officer's station the second officer now sits."""
    officer = room.officer
    await officer.post("/handover", words="Rassemblement prévu à 7 h\nplace de la Fontaine")
    note = (await room.supervisor.post("/handover", words="clé du local"))["id"]
    await room.inspector.post("/handover", words="x")
    await room.supervisor.post(f"/handover/{note}/acknowledgement")
    await room.operator.post(f"/handover/{note}/acknowledgement")
    await officer.post(f"/handover/{note}/acknowledgement")
    event = await officer.opens_event("intervention")
    for camera in (1, 2):
        await officer.opens(camera, event)
    await officer.relieved_by("cic-second", pin="000000")
    await officer.relieved_by("csu-operator")
    await officer.relieved_by("cic-operator")
    await officer.relieved_by("cic-second")
    await officer.patch(f"/events/{event}", motive="écrit par la relève")
    await officer.patch(f"/events/{event}", state="closed")
    await officer.relieved_by("police-director")
    await officer.relieved_by("cic-operator")
    await officer.patch(f"/events/{event}", state="closed")
    event = await officer.opens_event("intervention", motive="vol")
    await officer.opens(1, event)
    await officer.relieved_by("term-over")
    await officer.opens(1, event)
    await officer.post("/logout")
    room.officer = await room.teller.sign_in("cic-operator")


async def the_direction_declares(room: Room) -> None:
    director, officer = room.director, room.officer
    for path, body in (
        ("/centre/activity", {"inactive": True, "reason": "évacuation"}),
        ("/ledger/confirmation", {"reason": "journal comparé"}),
        ("/convention/withdrawal", {"withdrawn": True, "act": "arrêté 2026/12"}),
        ("/convention/term", {"word": "non-renewal", "on": "2026-03-25", "act": "lettre"}),
        ("/cameras/vda-001/order-confirmation", {"act": "renouvellement déposé"}),
    ):
        await room.chief.ask("POST", path, body)
    event = await officer.opens_event("trouble-grave", motive="rassemblement")
    await officer.opens(1, event)
    await room.operator.opens(1)
    await director.get("/faults")
    await director.get("/faults/availability", params={"month": "2026-03"})
    await director.get("/partners")
    for camera in ("vda-001", "vda-999"):
        await director.get(f"/cameras/{camera}/who-could-watch")
    await officer.get("/cameras/vda-001/who-could-watch")
    await director.post("/ledger/confirmation", reason="journal comparé")
    await director.post("/centre/activity", inactive=True, reason="évacuation")
    await officer.post("/ptz/leases", camera="vda-003", event=event)
    await director.post("/centre/activity", inactive=False, reason="retour")
    hours = {"open": "10:00", "close": "23:00", "reason": "braderie"}
    for day in ("2026-03-26", "2026-03-22", "2026-03-29"):
        await director.put(f"/centre/hours/{day}", **hours)
    await room.chief.put("/centre/hours/2026-03-29", **hours)
    await director.delete("/centre/hours/2026-03-29")
    for camera in ("vda-999", "vda-001"):
        await director.post(f"/cameras/{camera}/order-confirmation", act="renouvellement déposé")
    await director.post("/convention/withdrawal", withdrawn=True, act="arrêté 2026/12")
    await officer.get("/cameras")
    await officer.opens(1, event)
    await officer.opens_event("intervention")
    await director.post("/convention/withdrawal", withdrawn=False, act="arrêté 2026/13")
    await officer.opens(1, event)
    for word, on in (("non-renewal", "2099-01-01"), ("non-renewal", "2026-03-20"), ("correction", "2026-03-20")):
        await director.post("/convention/term", word=word, on=on, act="lettre")
    await director.post("/convention/term", word="renewal", on="2026-03-25", act="lettre")


async def a_text_is_replaced(room: Room) -> None:
    officer, director = room.officer, room.director
    event = await officer.opens_event("levee-de-doute", motive="appel")
    await officer.opens(2, event)
    kinds = 'kinds = ["levee-de-doute", "intervention", "evenement-planifie", "trouble-grave"]'
    text = changed_text(room.city, kinds, 'kinds = ["intervention", "evenement-planifie", "trouble-grave"]')
    before = changed_text(room.city, kinds, kinds)
    unreadable = changed_text(room.city, "cameras = 8", "cameras = 8\nkamera = 9")
    for who, markdown, note in (
        (room.chief, text, signatures(room.city, text)),
        (director, unreadable, signatures(room.city, unreadable)),
        (director, text, "not a note"),
        (director, text, signatures(room.city, text)),
        (director, before, signatures(room.city, before)),
    ):
        await who.post("/convention/replacement", markdown=markdown.decode(), signatures=note)
    await officer.opens(3, event)
    await officer.patch(f"/events/{event}", state="closed")
    await _one_person_does_not_leave_alone(room)


async def _one_person_does_not_leave_alone(room: Room) -> None:
    director = room.director
    await director.get("/convention/keys")
    await room.supervisor.get("/convention/keys")
    await director.post("/convention/keys", keys="{}", signatures="not a note")
    proposal = (await director.post("/convention/leaving", act="délibération 12"))["id"]
    await director.post(f"/convention/proposals/{proposal}/confirmation")
    await room.chief.post(f"/convention/proposals/{proposal}/confirmation")
    await director.post("/convention/proposals/p-nowhere/confirmation")


async def pictures_end_by_themselves(room: Room) -> None:
    officer, operator, teller = room.officer, room.operator, room.teller
    event = await officer.opens_event("intervention", motive="vol")
    for cause in (
        Cause.UNREAD, Cause.FLOOD, Cause.SOURCE_LOST, Cause.CAMERA_REMOVED, Cause.INTERNAL,
    ):  # fmt: skip
        viewing = ViewingId(await officer.opens(1, event))
        await teller.socket(ViewingConnected(viewing), recorded=False)
        await teller.socket(ViewingDropped(viewing, cause), recorded=True)
    viewing = ViewingId(await officer.opens(1, event))
    await teller.socket(DeadlinePassed(viewing), recorded=True)
    viewing = ViewingId(await officer.opens(1, event))
    await teller.socket(ViewingConnected(viewing), recorded=False)
    await teller.socket(ViewingDropped(viewing, Cause.CONNECTION_LOST), recorded=False)
    await teller.passes(timedelta(seconds=11))
    await officer.opens(2, event)
    await operator.opens(2)
    await teller.passes(timedelta(seconds=1))
    await teller.passes(timedelta(seconds=31))
    # A session's longest time.
    viewing = ViewingId(await officer.opens(3, event))
    await teller.socket(ViewingConnected(viewing), recorded=False)
    await teller.passes(timedelta(hours=15))
    await officer.opens(4, event)


async def what_has_ended(room: Room) -> None:
    """Stations and habilitations end, of the State and of the city; then what those ask who were there."""
    teller = room.teller
    supervisor = room.supervisor = await teller.sign_in("cic-supervisor")
    director = room.director = await teller.sign_in("police-director")
    chief = room.chief = await teller.sign_in("csu-room-chief")
    operator, officer = await teller.sign_in("csu-operator"), await teller.sign_in("cic-operator")
    inspector = await teller.sign_in("inspector")
    # Stations.
    await officer.post("/stations", label="mur 3")
    for who, label, login in ((supervisor, "mur 3", "cic-second"), (chief, "CSU · poste 9", "csu-operator")):
        station = await who.post("/stations", label=label)
        there = await teller.sign_in(login, station=station.get("secret"))
        event = await there.opens_event("intervention", motive="vol")
        await there.opens(1, event)
        other = chief if who is supervisor else supervisor
        await other.delete(f"/stations/{station['id']}")
        await who.delete(f"/stations/{station['id']}")
        await there.get("/streams")
        await there.opens(2, event)
        await there.opens_event("intervention")
        await there.patch(f"/events/{event}", state="closed")
        await teller.sign_in(login, station=station.get("secret"))
        await there.post("/logout")
    await supervisor.delete(f"/stations/{OWN_STATION['cic-supervisor']}")
    # Habilitations.
    event = await officer.opens_event("intervention", motive="vol")
    await officer.opens(1, event)
    await operator.opens(1)
    agents = {login: f"account-{login}" for login in AGENTS}
    for who in (supervisor, director):
        for each in (await who.get("/habilitations")).get("items", []):
            login = str(each["label"]).removeprefix("Nom de ")
            teller.names.give(each["agent"], agents[login])
            agents[login] = each["agent"]
    await officer.delete(f"/habilitations/{agents['cic-operator']}")
    await supervisor.delete(f"/habilitations/{agents['csu-operator']}")
    await supervisor.delete(f"/habilitations/{agents['cic-supervisor']}")
    await supervisor.delete(f"/habilitations/{agents['cic-operator']}")
    await officer.opens(2, event)
    await officer.opens_event("intervention")
    await officer.patch(f"/events/{event}", state="closed")
    await chief.delete(f"/habilitations/{agents['csu-operator']}")
    await operator.opens(2)
    await operator.opens_event("intervention")
    # The chief's and the inspector's, with their stations: what they still read and write.
    for login in ("csu-room-chief", "inspector"):
        await director.delete(f"/habilitations/{agents[login]}")
    for place in (OWN_STATION["csu-room-chief"], "poste-3"):
        await director.delete(f"/stations/{place}")
    for reader in (chief, inspector):
        for path in ("/journal", "/journal/viewings", "/journal/viewings.csv", "/cameras", "/events"):
            await reader.get(path)
        own = await reader.opens_event("intervention", motive="après la fin")
        await reader.opens(5, own)
        await reader.patch(f"/events/{own}", state="closed")
        await reader.post("/handover", words="après la fin")
    await chief.post("/stations", label="après la fin")
    await chief.delete(f"/habilitations/{agents['csu-operator']}")


async def the_journal_is_read(room: Room) -> None:
    reader = room.director
    for path in ("/journal", "/journal/viewings", "/journal/viewings.csv"):
        await reader.get(path)
        await room.supervisor.get(path)
    question = {"camera": "vda-001", "from": "2026-03-25T10:00:00+01:00", "to": "2026-03-25T11:00:00+01:00"}
    await reader.get("/journal/viewings", params=question)
    await reader.get("/journal", params={"from": "yesterday"})


async def the_last_days(room: Room) -> None:
    """Orders that end, and what still runs when the node stops."""
    teller = room.teller
    second, director = await teller.sign_in("cic-second"), room.director
    event = await second.opens_event("intervention", motive="vol")
    await second.opens(1, event)
    own = await director.opens(1)
    room.city.relay.sockets.add(ViewingId(own))
    await teller.passes(LATE_ORDER - room.city.clock.now())
    second, director = await teller.sign_in("cic-second"), await teller.sign_in("police-director")
    await second.opens(1, event)
    await director.opens(1)
    await director.post("/cameras/vda-001/order-confirmation", act="renouvellement déposé")
    await director.opens(1)


CHAPTERS: tuple[Callable[[Room], Awaitable[None]], ...] = (
    everything_is_read,
    questions_are_answered_without_a_record,
    events_and_their_pictures,
    cameras_are_steered,
    slots_and_pre_emption,
    suspensions,
    a_shift_changes,
    the_direction_declares,
    a_text_is_replaced,
    pictures_end_by_themselves,
    what_has_ended,
    the_journal_is_read,
    the_last_days,
)
