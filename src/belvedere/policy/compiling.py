"""From clauses to plans: one plan for each action of a party on an owner's cameras.

Owns: which rules a plan has, and their one order (law, then convention by article). What no clause grants, no plan
grants. Does not know: files, examples, time.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import TypeVar
from zoneinfo import ZoneInfo

from belvedere.domain.causes import Cause
from belvedere.domain.clock import Instant
from belvedere.domain.ids import ArticleRef
from belvedere.domain.text import Text
from belvedere.domain.vocabulary import Action, SuspensionGround
from belvedere.policy import law as texts
from belvedere.policy import rules_access as access
from belvedere.policy import rules_steering as steering
from belvedere.policy.citations import Citations
from belvedere.policy.clauses import Clause
from belvedere.policy.clauses.access import (
    Agents,
    Arrangements,
    Availability,
    EventRequired,
    Extraction,
    Motive,
    NoRecording,
    OrderValidity,
    OwnerRoom,
    Priority,
    Purposes,
    Quota,
    Scope,
    Stations,
    Suspension,
    Unknown,
    Withdrawal,
)
from belvedere.policy.clauses.duties import InventoryDuty, Term
from belvedere.policy.clauses.hours import CentreActivity, OpeningHours
from belvedere.policy.clauses.steering import (
    LeaseContinuation,
    Notice,
    OwedFor,
    OwnerPriority,
    PartnerSteering,
    PtzTakeover,
    Regime,
    While,
)
from belvedere.policy.convention import Party
from belvedere.policy.hearing import Hold, Objection, Rule
from belvedere.policy.names import asked_of
from belvedere.policy.openings import OpeningCalendar, first_instant
from belvedere.policy.plans import Plan

C = TypeVar("C", bound=Clause)

_NOTHING = Text("", "")
_GROUNDS = {
    SuspensionGround.SECURITY_INCIDENT: Text("incident de sécurité", "security incident"),
    SuspensionGround.MASK_FAULT: Text("défaut de masquage", "mask fault"),
    SuspensionGround.WITHDRAWAL: Text("retrait", "withdrawal"),
}


@dataclass(frozen=True, slots=True)
class Plans:
    """Every plan of a convention: by action, asking party and owner, and those for what is not among them."""

    by_request: Mapping[tuple[str, str, str], Plan]
    calendars: Mapping[str, OpeningCalendar]
    stranger: Plan
    unknown_owner: Plan
    silence: Plan
    failure: Plan


@dataclass(frozen=True, slots=True)
class _Placed:
    """A rule and its place: that of the first text that carries it, then a rank within the article."""

    place: tuple[int, int]
    rank: int
    rule: Rule


class Compiler:
    """Turns the clauses of one convention into plans."""

    def __init__(
        self,
        citations: Citations,
        *,
        zone: ZoneInfo,
        in_force_from: date,
        ends_at: Instant | None,
        parties: tuple[Party, ...],
        clauses: tuple[Clause, ...],
    ) -> None:
        self._cites = citations
        self._zone = zone
        self._starts_at = first_instant(datetime.combine(in_force_from, time()), zone)
        self._starts_on = in_force_from
        self._ends_at = ends_at
        self._parties = {each.id: each for each in parties}
        self._rooms = {each.id: each.room for each in parties}
        self._services = {each.id: None if each.other_services else each.services for each in parties}
        self._clauses = clauses

    def plans(self) -> Plans:
        """Return every plan. Order and duplicates of clauses make no difference."""
        calendars = self._calendars()
        owners = [each.owner for each in self._of(OwnerRoom)]
        plans: dict[tuple[str, str, str], Plan] = {}
        for owner in owners:
            for party in self._services:
                for action in Action:
                    if party == owner:
                        plan = self._own(action, owner)
                    else:
                        plan = self._partner(action, party, owner, calendars.get(owner))
                    if plan is not None:
                        plans[action.value, party, owner] = plan
        scope = self._scope_cites()
        return Plans(
            by_request=plans,
            calendars=calendars,
            stranger=self._denial(
                (*texts.RECIPIENTS, *scope),
                Cause.STRANGER,
                fr="Cette organisation n'est pas partie à la convention",
                en="This organisation is no party to the convention",
            ),
            unknown_owner=self._denial(
                scope,
                Cause.OUT_OF_SCOPE,
                fr="Les caméras de ce propriétaire ne sont pas dans la convention",
                en="This owner's cameras are not in the convention",
            ),
            silence=self._silence(scope),
            failure=self._denial(
                scope,
                Cause.RULE_ERROR,
                fr="Une règle n'a pas pu être évaluée : dans le doute, la réponse est non",
                en="A rule could not be evaluated: in doubt, the answer is no",
            ),
        )

    # --- small things

    def _of(self, kind: type[C]) -> tuple[C, ...]:
        return tuple(each for each in self._clauses if isinstance(each, kind))

    def _refs(self, *groups: tuple[str, ...]) -> tuple[ArticleRef, ...]:
        return self._cites.refs(*groups)

    def _objection(
        self, cites: tuple[str, ...], cause: Cause, *, fr: str, en: str, remedy: Text | None = None
    ) -> Objection:
        refs = self._refs(cites)
        return access.objection(refs, cause, self._cites.in_words(refs), fr=fr, en=en, remedy=remedy)

    def _denial(self, cites: tuple[str, ...], cause: Cause, *, fr: str, en: str) -> Plan:
        return Plan((access.always(self._objection(cites, cause, fr=fr, en=en)),), (), _NOTHING)

    def _silence(self, cites: tuple[str, ...]) -> Plan:
        return self._denial(
            cites,
            Cause.SILENT,
            fr="Aucun texte de la convention ne l'accorde : son silence vaut refus",
            en="No text of the convention grants this: where it is silent, the answer is no",
        )

    def _placed(self, cites: tuple[str, ...], rank: int, rule: Rule) -> _Placed:
        return _Placed(min(self._cites.place(cite) for cite in cites), rank, rule)

    def _plan(self, rules: list[_Placed], granted_by: tuple[str, ...], *, fr: str, en: str) -> Plan:
        ordered = sorted(rules, key=lambda each: (each.place, each.rank))
        refs = self._refs(granted_by)
        named = self._cites.in_words(refs)
        reason = Text(f"{fr} ({named.fr}).", f"{en} ({named.en}).")
        return Plan(tuple(each.rule for each in ordered), refs, reason)

    def _scope_cites(self, owner: str | None = None, to: str | None = None) -> tuple[str, ...]:
        found = [each for each in self._of(Scope) if owner in {None, each.owner} and to in {None, each.to}]
        return tuple(cite for each in found for cite in each.cites if ":" not in cite)

    def _calendars(self) -> dict[str, OpeningCalendar]:
        hours = self._of(OpeningHours)
        owners = {each.owner for each in hours}
        return {
            owner: OpeningCalendar(self._zone, tuple(each for each in hours if each.owner == owner))
            for owner in sorted(owners)
        }

    # --- the owner's own room

    def _own(self, action: Action, owner: str) -> Plan | None:
        room = next(each for each in self._of(OwnerRoom) if each.owner == owner)
        rules = [self._habilitated(owner)]
        if not room.any_service:
            rules += self._of_a_named_service(owner, room.cites)
        if action is Action.EXTRACT:
            extraction = self._extraction(owner, owner)
            if extraction is None:
                return self._silence(room.cites)
            rules.append(self._requisition(extraction))
            return self._plan(rules, extraction.cites, fr="Réquisition complète", en="Complete requisition")
        if action not in room.actions:
            return self._silence(room.cites)
        cites = room.cites
        if action is Action.TAKE_PTZ:
            cites = (*room.cites, *room.steering_cites)
            rules.append(self._turning(cites))
        name = self._rooms[owner]
        return self._plan(
            rules, cites, fr=f"Le {name} est chez lui sur ses caméras", en=f"The {name} is at home on its own cameras"
        )

    # --- a partner

    def _partner(self, action: Action, party: str, owner: str, calendar: OpeningCalendar | None) -> Plan | None:
        if not self._scope_cites(owner, party):
            return None
        match action:
            case Action.VIEW:
                return self._view(party, owner, calendar)
            case Action.TAKE_PTZ:
                return self._take_ptz(party, owner, calendar)
            case Action.RECORD:
                return self._record(party, owner)
            case Action.EXTRACT:
                return self._extract(party, owner)
            case Action.READ_INVENTORY:
                return self._read_inventory(party, owner)

    def _view(self, party: str, owner: str, calendar: OpeningCalendar | None) -> Plan | None:
        grant = next((each for each in self._of(Availability) if (each.owner, each.to) == (owner, party)), None)
        if grant is None:
            return None
        rules = [*self._images(party, owner), *self._quota(party)]
        for notice in self._of(Notice):
            if (notice.owner, notice.party, notice.owed_for) == (owner, party, OwedFor.USE) and calendar is not None:
                room = steering.Room(calendar, self._activity(owner))
                rules.append(self._placed(notice.cites, 8, steering.use_owes_notice(room)))
        return self._plan(
            rules,
            grant.cites,
            fr="Les flux sont ouverts en permanence, sans demande préalable",
            en="The streams are permanently open, without asking first",
        )

    def _services_of(self, party: str, owner: str) -> list[_Placed]:
        """Return the rule on the services of a partner: those that the streams are for, else those of the header."""
        for grant in self._of(Availability):
            if (grant.owner, grant.to) == (owner, party) and grant.services:
                return [self._service_named(grant.services, grant.cites)]
        return self._of_a_named_service(party, self._scope_cites(owner, party))

    def _of_a_named_service(self, party: str, cites: tuple[str, ...]) -> list[_Placed]:
        """Return the rule that the agent's service is one of the header's; none where the header opens it to all."""
        services = self._services[party]
        return [] if services is None else [self._service_named(services, cites)]

    def _service_named(self, services: tuple[str, ...], cites: tuple[str, ...]) -> _Placed:
        names = ", ".join(services)
        refusal = self._objection(
            cites,
            Cause.STRANGER,
            fr=f"Ce service n'est pas celui que la convention nomme ({names})",
            en=f"This service is not the one that the convention names ({names})",
        )
        return self._placed(cites, 1, access.service_named(services, refusal))

    def _record(self, party: str, owner: str) -> Plan:
        rules = [self._habilitated(party)]
        ban = next((each for each in self._of(NoRecording) if each.party == party), None)
        cites = self._scope_cites(owner, party) if ban is None else ban.cites
        refusal = self._objection(
            cites,
            Cause.SILENT if ban is None else Cause.NO_RECORDING,
            fr="L'enregistrement reste chez le propriétaire des caméras",
            en="Recording stays with the cameras' owner",
        )
        rules.append(self._placed(cites, 0, access.always(refusal)))
        return self._plan(rules, (), fr="", en="")

    def _extract(self, party: str, owner: str) -> Plan:
        extraction = self._extraction(owner, party)
        if extraction is None:
            return self._silence(self._scope_cites(owner, party))
        rules = [
            self._habilitated(party),
            *self._of_a_named_service(party, self._scope_cites(owner, party)),
            *self._running(party, owner),
            self._requisition(extraction),
        ]
        return self._plan(
            rules,
            extraction.cites,
            fr=f"Réquisition complète : la remise est un acte du {self._rooms[owner]}",
            en=f"Complete requisition: the hand-over is an act of the {self._rooms[owner]}",
        )

    def _read_inventory(self, party: str, owner: str) -> Plan | None:
        duty = next((each for each in self._of(InventoryDuty) if (each.owner, each.to) == (owner, party)), None)
        if duty is None:
            return None
        rules = [
            self._habilitated(party),
            *self._of_a_named_service(party, self._scope_cites(owner, party)),
            *self._running(party, owner),
        ]
        return self._plan(
            rules,
            duty.cites,
            fr="La liste des caméras et leurs positions sont communiquées",
            en="The list of cameras and their positions is communicated",
        )

    def _take_ptz(self, party: str, owner: str, calendar: OpeningCalendar | None) -> Plan | None:
        takeovers = [each for each in self._of(PtzTakeover) if (each.owner, each.party) == (owner, party)]
        partner = [each for each in self._of(PartnerSteering) if (each.owner, each.party) == (owner, party)]
        if takeovers:
            if calendar is None:  # loading refuses such a text; should one come here, it grants nothing
                return self._silence(takeovers[0].cites)
            return self._takeover(party, owner, calendar, takeovers)
        if not partner:
            return self._silence(self._scope_cites(owner, party))
        clause = partner[0]
        if not clause.allowed:
            refusal = self._objection(
                clause.cites,
                Cause.SILENT,
                fr="Le texte parle d'images, non de pilotage : son silence vaut refus",
                en="The text speaks of images, not of steering: its silence is a refusal",
                remedy=Text(
                    f"Demandez au {self._rooms[owner]} d'orienter la caméra.",
                    f"Ask the {self._rooms[owner]} to turn the camera.",
                ),
            )
            rules = [self._habilitated(party), self._placed(clause.cites, 5, access.always(refusal))]
            return self._plan(rules, (), fr="", en="")
        rules = [
            *self._images(party, owner),
            self._turning(clause.cites),
            *self._priority(owner, party, clause.cites),
        ]
        return self._plan(
            rules, clause.cites, fr="Pilotage ouvert par les deux parties", en="Steering opened by both parties"
        )

    # --- rules shared by several plans

    def _images(self, party: str, owner: str) -> list[_Placed]:
        """Return the rules of everything that shows a live image to a partner."""
        return [
            self._habilitated(party),
            *self._services_of(party, owner),
            *self._order(owner),
            *self._running(party, owner),
            *self._scope(party, owner),
            *self._suspensions(owner, party),
            *self._event(party),
            *self._purpose(party, owner),
            *self._station(party),
        ]

    def _habilitated(self, party: str) -> _Placed:
        own = [each for each in self._of(Agents) if each.party == party]
        cites = (*texts.RECIPIENTS, *(cite for each in own for cite in each.cites))
        refusal = self._objection(
            cites,
            Cause.NOT_HABILITATED,
            fr="Les images sont réservées aux agents individuellement désignés et habilités",
            en="Images are for individually designated and habilitated agents only",
            remedy=Text(
                "Demandez à votre chef de service votre désignation et votre habilitation.",
                "Ask your head of service for your designation and habilitation.",
            ),
        )
        return self._placed(cites, 0, access.habilitated(refusal))

    def _order(self, owner: str) -> list[_Placed]:
        own = [each for each in self._of(OrderValidity) if each.owner == owner]
        cites = (*texts.PREFECT_ORDER, *(cite for each in own for cite in each.cites))
        remedy = Text(
            "Le propriétaire doit faire renouveler l'autorisation préfectorale de cette caméra.",
            "The owner has to have the prefect's authorisation of this camera renewed.",
        )
        expired = self._objection(
            cites,
            Cause.ORDER_EXPIRED,
            fr="L'autorisation préfectorale de cette caméra a expiré",
            en="The prefect's authorisation of this camera has expired",
            remedy=remedy,
        )
        missing = self._objection(
            cites,
            Cause.ORDER_EXPIRED,
            fr="La fin de l'autorisation préfectorale de cette caméra n'est pas connue",
            en="The end of the prefect's authorisation of this camera is not known",
            remedy=remedy,
        )
        return [self._placed(cites, 1, access.order_running(expired, missing, self._zone))]

    def _running(self, party: str, owner: str) -> list[_Placed]:
        """Return the rules that the convention is in force and the prefect's authorisation stands."""
        return [self._authorised(owner), self._in_force(party, owner)]

    def _authorised(self, owner: str) -> _Placed:
        """Return the rule on a withdrawn authorisation: it ends sharing by law, whether a clause repeats it or not."""
        clause = next((each for each in self._of(Withdrawal) if each.owner == owner), None)
        cites = (*texts.PREFECT_AUTHORISES, *(() if clause is None else clause.cites))
        withdrawn = self._objection(
            cites,
            Cause.AUTHORISATION_WITHDRAWN,
            fr="L'autorisation préfectorale est retirée : le partage prend fin",
            en="The prefect's authorisation is withdrawn: sharing ends",
        )
        unknown = self._objection(
            cites,
            Cause.AUTHORISATION_WITHDRAWN,
            fr="Rien ne dit que l'autorisation préfectorale tient",
            en="Nothing says that the prefect's authorisation stands",
        )
        silent = clause is None or clause.when_unknown is Unknown.NONE_DECLARED
        return self._placed(cites, 2, access.not_withdrawn(withdrawn, None if silent else unknown))

    def _in_force(self, party: str, owner: str) -> _Placed:
        """Return the rule on the header's first day and the term's end; without a term, what is shared cites it."""
        term = next(iter(self._of(Term)), None)
        cites = self._scope_cites(owner, party) if term is None else term.cites
        day = self._starts_on.isoformat()
        early = self._objection(
            cites,
            Cause.NOT_IN_FORCE,
            fr=f"La convention n'entre en vigueur que le {day}",
            en=f"The convention only comes into force on {day}",
        )
        late = self._objection(
            cites,
            Cause.NOT_IN_FORCE,
            fr="La convention est arrivée à son terme",
            en="The convention's term is over",
            remedy=Text("Les parties doivent la renouveler.", "The parties have to renew it."),
        )
        return self._placed(cites, 0, access.in_force(self._starts_at, self._ends_at, early, late))

    def _scope(self, party: str, owner: str) -> list[_Placed]:
        clauses = [each for each in self._of(Scope) if (each.owner, each.to) == (owner, party)]
        if not any(each.camera_class or each.communes or each.zones for each in clauses):
            return []
        found: dict[str | None, tuple[Scope, Objection, Objection]] = {}
        for each in clauses:
            communes, zones = ", ".join(each.communes), ", ".join(each.zones)
            elsewhere = self._objection(
                each.cites,
                Cause.OUT_OF_SCOPE,
                fr=f"Seules les caméras situées à {communes} sont partagées",
                en=f"Only cameras in {communes} are shared",
            )
            other = self._objection(
                each.cites,
                Cause.OUT_OF_SCOPE,
                fr=f"Seules les caméras des secteurs {zones} sont partagées",
                en=f"Only cameras of the zones {zones} are shared",
            )
            found[each.camera_class] = (each, elsewhere, other)
        cites = self._scope_cites(owner, party)
        unknown = self._objection(
            cites,
            Cause.OUT_OF_SCOPE,
            fr="Cette classe de caméras n'est pas partagée",
            en="This class of cameras is not shared",
        )
        return [self._placed(cites, 2, access.in_scope(found, unknown))]

    def _suspensions(self, owner: str, party: str) -> list[_Placed]:
        rules: list[_Placed] = []
        for clause in self._of(Suspension):
            if (clause.owner, clause.party) != (owner, party):
                continue
            by_ground: dict[str | None, Objection] = {}
            for ground in (None, *clause.grounds):
                words = Text("motif non donné", "ground not given") if ground is None else _GROUNDS[ground]
                law = texts.MASKS if ground is SuspensionGround.MASK_FAULT else ()
                by_ground[None if ground is None else ground.value] = self._objection(
                    (*clause.cites, *law),
                    Cause.SUSPENDED,
                    fr=f"Le flux de cette caméra est suspendu : {words.fr}",
                    en=f"This camera's flow is suspended: {words.en}",
                    remedy=Text(
                        f"Appelez le {self._rooms[owner]} : sa direction lève la suspension.",
                        f"Call the {self._rooms[owner]}: its direction lifts the suspension.",
                    ),
                )
            rules.append(self._placed(clause.cites, 3, access.not_suspended(clause, by_ground)))
        return rules

    def _event(self, party: str) -> list[_Placed]:
        further = [each for each in self._of(Arrangements) if each.party == party]
        rules: list[_Placed] = []
        for clause in self._of(EventRequired):
            if clause.party != party:
                continue
            kinds = frozenset(clause.kinds).union(*(each.kinds for each in further))
            remedy = Text(
                "Ouvrez un événement : une touche pour son type, le motif peut suivre.",
                "Open an event: one key for its kind, the motive may follow.",
            )
            none = self._objection(
                clause.cites,
                Cause.NO_EVENT,
                fr="Hors événement particulier, regarder n'est pas prévu",
                en="Outside a particular event, watching is not meant",
                remedy=remedy,
            )
            closed = self._objection(
                clause.cites,
                Cause.EVENT_CLOSED,
                fr="L'événement est clos",
                en="The event is closed",
                remedy=remedy,
            )
            wordless = self._objection(
                clause.cites,
                Cause.NO_EVENT,
                fr="L'événement n'a pas de motif",
                en="The event has no motive",
                remedy=Text("Écrivez le motif de l'événement.", "Write the event's motive."),
            )
            rule = access.event_running(
                kinds, clause.motive is Motive.REQUIRED, none=none, closed=closed, wordless=wordless
            )
            rules.append(self._placed(clause.cites, 4, rule))
        return rules

    def _purpose(self, party: str, owner: str) -> list[_Placed]:
        found: dict[str, tuple[Purposes, Objection, Objection]] = {}
        for each in self._of(Purposes):
            if (each.owner, each.to) != (owner, party):
                continue
            listed = ", ".join(each.purposes)
            remedy = Text(f"Choisissez une finalité : {listed}.", f"Choose a purpose: {listed}.")
            every = (*texts.PURPOSES, *each.cites)
            none = self._objection(
                every,
                Cause.PURPOSE,
                fr="Aucune finalité n'est choisie",
                en="No purpose is chosen",
                remedy=remedy,
            )
            other = self._objection(
                every,
                Cause.PURPOSE,
                fr="Cette finalité n'est pas prévue pour cette classe de caméras",
                en="This purpose is not listed for this class of cameras",
                remedy=remedy,
            )
            found[each.camera_class] = (each, none, other)
        return [self._placed(texts.PURPOSES, 5, access.purpose_listed(found))] if found else []

    def _station(self, party: str) -> list[_Placed]:
        return [
            self._placed(
                each.cites,
                0,
                access.registered_station(
                    self._objection(
                        each.cites,
                        Cause.STATION_UNREGISTERED,
                        fr="Ce poste n'est pas un poste de visionnage enregistré",
                        en="This is no registered viewing station",
                        remedy=Text(
                            "Faites enregistrer le poste par votre service.", "Have your service register the station."
                        ),
                    )
                ),
            )
            for each in self._of(Stations)
            if each.party == party
        ]

    def _quota(self, party: str) -> list[_Placed]:
        rules: list[_Placed] = []
        for clause in self._of(Quota):
            if clause.party != party:
                continue
            priority = next((each for each in self._of(Priority) if each.party == party), None)
            refs, first = self._refs(clause.cites), self._refs(() if priority is None else priority.cites)
            rule = access.within_quota(
                clause,
                priority,
                quota=access.Named(refs, self._cites.in_words(refs)),
                first=access.Named(first, self._cites.in_words(first)),
            )
            rules.append(self._placed(clause.cites, 9, rule))
        return rules

    def _extraction(self, owner: str, party: str) -> Extraction | None:
        return next((each for each in self._of(Extraction) if each.owner == owner and party in each.to), None)

    def _requisition(self, clause: Extraction) -> _Placed:
        kinds = ", ".join(clause.requisition_kinds)
        remedy = Text(
            f"Joignez la réquisition : nature ({kinds}), référence, empreinte du fichier.",
            f"Attach the requisition: kind ({kinds}), reference, digest of the file.",
        )
        missing = self._objection(
            clause.cites,
            Cause.NO_REQUISITION,
            fr="Une extraction demande une réquisition judiciaire",
            en="An extraction needs a judicial requisition",
            remedy=remedy,
        )
        unlisted = self._objection(
            clause.cites,
            Cause.NO_REQUISITION,
            fr="Cette nature de réquisition n'est pas de celles qui sont listées",
            en="This kind of requisition is not one of those listed",
            remedy=remedy,
        )
        partial = self._objection(
            clause.cites,
            Cause.NO_REQUISITION,
            fr="La réquisition est incomplète",
            en="The requisition is incomplete",
            remedy=remedy,
        )
        rule = access.complete_requisition(clause, missing=missing, unlisted=unlisted, partial=partial)
        return self._placed(clause.cites, 6, rule)

    # --- steering

    def _turning(self, cites: tuple[str, ...]) -> _Placed:
        refusal = self._objection(
            cites,
            Cause.NO_PTZ,
            fr="Cette caméra ne se pilote pas",
            en="This camera cannot be steered",
            remedy=Text("Choisissez une caméra pilotable.", "Choose a camera that turns."),
        )
        return self._placed(cites, 5, steering.camera_turns(refusal))

    def _priority(self, owner: str, party: str, otherwise: tuple[str, ...]) -> list[_Placed]:
        own = [each for each in self._of(OwnerPriority) if (each.owner, each.over) == (owner, party)]
        cites = tuple(cite for each in own for cite in each.cites) or otherwise
        name = self._rooms[owner]
        refusal = self._objection(
            cites,
            Cause.OWNER_STEERS,
            fr=f"Le {name} pilote cette caméra et garde la priorité",
            en=f"The {name} is steering this camera and keeps priority",
            remedy=Text(f"Demandez au {name} de la tourner pour vous.", f"Ask the {name} to turn it for you."),
        )
        return [self._placed(cites, 6, steering.owner_first(refusal))]

    def _activity(self, owner: str) -> CentreActivity | None:
        return next((each for each in self._of(CentreActivity) if each.owner == owner), None)

    def _takeover(self, party: str, owner: str, calendar: OpeningCalendar, takeovers: list[PtzTakeover]) -> Plan:
        by_state = {each.while_: each for each in takeovers}
        cites = tuple(cite for each in takeovers for cite in each.cites)
        room = steering.Room(calendar, self._activity(owner))
        silent = self._objection(
            cites,
            Cause.SILENT,
            fr="Aucun texte n'accorde le pilotage à cette heure",
            en="No text grants steering at this hour",
        )
        active, closed = by_state.get(While.CENTRE_ACTIVE), by_state.get(While.CENTRE_CLOSED)
        rule = steering.takeover(
            room,
            None if active is None else self._active_terms(owner, party, active),
            None if closed is None else self._closed_terms(owner, party, closed),
            silent,
        )
        convention_cites = tuple(cite for cite in cites if ":" not in cite)
        rules = [
            *self._images(party, owner),
            self._turning(takeovers[0].cites if closed is None else closed.cites),
            *self._priority(owner, party, cites),
            self._placed(convention_cites, 7, rule),
        ]
        return self._plan(rules, cites, fr="Le pilotage est accordé", en="Steering is granted")

    def _active_terms(self, owner: str, party: str, clause: PtzTakeover) -> steering.ActiveTerms:
        name = self._rooms[owner]
        notified = clause.regime is Regime.NOTIFICATION
        cites = (clause.notification_cites or clause.cites) if notified else clause.cites
        refs = self._refs(cites)
        named = self._cites.in_words(refs)
        kinds, roles = steering.kinds_in_words(clause.event_kinds), asked_of(clause.authorised_by, self._parties[owner])
        wrong_kind = self._objection(
            cites,
            Cause.EVENT_KIND,
            fr=f"Pendant l'activité du {name}, piloter n'est ouvert que pour {kinds.fr}",
            en=f"While the {name} is active, steering is open only for {kinds.en}",
            remedy=Text(f"Demandez au {name} de regarder pour vous.", f"Ask the {name} to look for you."),
        )
        over = self._objection(
            cites,
            Cause.EVENT_CLOSED,
            fr="L'événement est clos, et le pilotage avec lui",
            en="The event is closed, and steering with it",
        )
        asked = Hold(
            refs,
            Text(
                f"Le {name} est en activité : l'autorisation préalable est attendue ({named.fr}).",
                f"The {name} is active: prior authorisation is awaited ({named.en}).",
            ),
            Text(f"Elle se demande {roles.fr}.", f"It is asked of {roles.en}."),
        )
        not_notified = self._objection(
            cites,
            Cause.NOT_NOTIFIED,
            fr=f"Le {name} est en activité : son responsable doit d'abord être informé",
            en=f"The {name} is active: its head has to be notified first",
            remedy=Text(f"Envoyez la notification au {name}.", f"Send the notification to the {name}."),
        )
        continuations = [each for each in self._of(LeaseContinuation) if (each.owner, each.party) == (owner, party)]
        continuation = continuations[0] if continuations else None
        return steering.ActiveTerms(
            clause=clause,
            wrong_kind=wrong_kind,
            event_over=over,
            asked=asked,
            not_notified=not_notified,
            articles=refs,
            remarks=Text(
                f"Le {name} est en activité et {'informé' if notified else 'a donné son accord'} : "
                f"le pilotage est ouvert pour cet événement ({named.fr}).",
                f"The {name} is active and {'notified' if notified else 'has agreed'}: "
                f"steering is open for this event ({named.en}).",
            ),
            continuation=continuation,
            continuation_articles=() if continuation is None else self._refs(continuation.cites),
            continuation_remarks=None if continuation is None else self._continues(name, continuation),
        )

    def _continues(self, name: str, clause: LeaseContinuation) -> Text:
        named = self._cites.in_words(self._refs(clause.cites))
        return Text(
            f"Une prise en main commencée salle fermée continue à l'ouverture du {name}, qui en est informé ({named.fr}).",
            f"A lease begun while the room was closed goes on at the {name}'s opening, which is told ({named.en}).",
        )

    def _closed_terms(self, owner: str, party: str, clause: PtzTakeover) -> steering.ClosedTerms:
        notice = next(
            (each for each in self._of(Notice) if (each.owner, each.party) == (owner, party)),
            None,
        )
        refs = self._refs(clause.cites, () if notice is None else notice.cites)
        named = self._cites.in_words(refs)
        name = self._rooms[owner]
        remarks = Text(
            f"Le {name} n'est pas en activité : le pilotage est ouvert, un avis lui sera dû à son ouverture ({named.fr}).",
            f"The {name} is not active: steering is open, a notice to it is due at its opening ({named.en}).",
        )
        return steering.ClosedTerms(refs, remarks, notice)
