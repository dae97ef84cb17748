"""What the record of an act tells of it: one closed set, each member with its words in both languages.

A record's `cause` is one of these, or one of `causes`'s where it tells an end or a refusal. A code never changes:
ledgers hold it. The screens have the same words from `frontend/src/i18n/causes.ts`, which is generated.
"""

from enum import StrEnum
from typing import Self

from belvedere.domain.text import Text


class RecordedAct(StrEnum):
    """What was done to an event, a suspension, a habilitation, a station, a text, a room, a lease, a look or the ledger itself."""

    words: Text

    def __new__(cls, code: str, words: Text) -> Self:
        """Make a member that equals its code and carries its words."""
        member = str.__new__(cls, code)
        member._value_ = code
        member.words = words
        return member

    # An event.
    OPENED = "opened", Text("ouvert", "opened")
    AMENDED = "amended", Text("complété", "amended")
    CLOSED = "closed", Text("clos", "closed")
    TOLD = "told", Text("communiqué par sa partie", "told by its party")

    # A suspension.
    SUSPENDED = "suspended", Text("suspendu", "suspended")
    LIFTED = "lifted", Text("rétabli", "lifted")

    # A habilitation, an account, a station.
    DESIGNATED = "designated", Text("désigné", "designated")
    RENEWED = "renewed", Text("renouvelé", "renewed")
    ACCOUNT_OPENED = (
        "account-opened",
        Text("compte ouvert, sans habilitation", "account opened, without habilitation"),
    )
    ACCOUNT_CHANGED = "account-changed", Text("compte modifié", "account changed")
    REGISTERED = "registered", Text("enregistré", "registered")
    STATION_CHANGED = "station-changed", Text("modifié", "changed")
    ENDED = "ended", Text("fin", "ended")

    # A convention.
    INSTALLED = "installed", Text("mise en place", "put in place")
    REPLACED = "replaced", Text("remplacée", "replaced")
    NON_RENEWAL = "non-renewal", Text("non-reconduction", "non-renewal")
    RENEWAL = "renewal", Text("reconduction expresse", "express renewal")
    CORRECTION = "correction", Text("retirée, annoncée par erreur", "taken back, told by mistake")
    JOINED = "joined", Text("nœud d'une partie relié, clés échangées", "a party's node joined, keys exchanged")
    KEYS_REPLACED = "keys-replaced", Text("clés remplacées", "keys replaced")
    LEFT = "left", Text("retrait de la convention", "left the convention")
    AUTHORISATION_WITHDRAWN = "authorisation-withdrawn", Text("autorisation retirée", "authorisation withdrawn")
    AUTHORISATION_RESTORED = "authorisation-restored", Text("autorisation rendue", "authorisation given again")

    # The owner's room.
    INACTIVE = "inactive", Text("déclarée inactive", "declared inactive")
    ACTIVE = "active", Text("déclarée active", "declared active")
    HOURS_VARIED = "hours-varied", Text("heures changées", "hours changed")
    HOURS_USUAL = "hours-usual", Text("heures habituelles", "usual hours")
    ORDER_CONFIRMED = "order-confirmed", Text("autorisation confirmée", "order confirmed")

    # A lease, and the authorisation that it rests on.
    ASKED = "asked", Text("demandé", "asked for")
    GRANTED = "granted", Text("accordé", "granted")
    CONTINUED = "continued", Text("poursuivi sous un autre régime", "goes on under another regime")
    HANDED_OVER = "handed-over", Text("repris par la relève", "taken over by the relief")
    RETURNED = "returned", Text("remise en position de repos", "back to its rest position")
    STAYS = "stays", Text("laissée en place", "left where it looks")
    MOVED = "moved", Text("mouvements comptés", "movements counted")
    GIVEN = "given", Text("accord donné", "authorisation given")
    GIVEN_ORALLY = "given-orally", Text("accord oral inscrit", "oral authorisation written down")
    REFUSED = "refused", Text("accord refusé", "authorisation refused")
    TAKEN_BACK = "taken-back", Text("accord retiré", "authorisation taken back")
    CONFIRMED = "confirmed", Text("accord oral confirmé", "oral authorisation confirmed")
    DENIED = "denied", Text("accord oral démenti", "oral authorisation denied")
    CREW_ENGAGED = "crew-engaged", Text("équipage engagé", "crew engaged")
    DEPUTY_NAMED = "deputy-named", Text("suppléant désigné", "deputy named")
    DEPUTY_ENDED = "deputy-ended", Text("suppléance terminée", "deputy no more")
    CREW_RELEASED = "crew-released", Text("équipage dégagé", "crew no longer engaged")
    # A look that is asked of the owner's room.
    LOOK_ASKED = "look-asked", Text("observation demandée", "look asked for")
    LOOK_ACCEPTED = "look-accepted", Text("observation acceptée", "look accepted")
    LOOK_DECLINED = "look-declined", Text("observation déclinée", "look declined")
    LOOK_DONE = "look-done", Text("observation faite", "look done")

    # A camera's fault.
    FAULT_TOLD = "fault-told", Text("panne signalée", "fault told")
    FAULT_LOCATED = "fault-located", Text("panne située", "fault located")
    FAULT_RESTORED = "fault-restored", Text("image rétablie", "picture restored")

    LINK_LOST = "link-fault-told", Text("liaison perdue", "link lost")
    LINK_LOCATED = "link-fault-located", Text("perte de liaison située", "loss of the link located")
    LINK_RESTORED = "link-restored", Text("liaison rétablie", "link restored")
    LINK_CLOSED = "link-closed", Text("liaison close, plus de convention", "link closed, no convention any more")

    # A pseudonym.
    RESOLVED = "resolved", Text("pseudonyme levé", "pseudonym resolved")

    # A note of handover.
    WRITTEN = "written", Text("laissée", "left")
    READ = "read", Text("lue par la relève", "read by the relief")

    # The ledger: what it does not hold, and where it goes on from.
    OWN_ROOM_UNRECORDED = (
        "own-room-unrecorded",
        Text("vues de la salle non inscrites", "own room's viewings not written"),
    )
    STORE = "store", Text("écriture impossible", "writing impossible")
    TABLES_MENDED = (
        "tables-mended",
        Text("tables refaites d'après les inscriptions", "tables mended from the entries"),
    )
    LOG_FORKED = (
        "log-forked",
        Text("journal d'une autre partie réécrit", "another party's journal rewritten"),
    )
    LOG_CONTRADICTED = (
        "log-contradicted",
        Text("ce journal contredit par un témoin", "this journal contradicted by a witness"),
    )
    LOG_CONFIRMED = (
        "log-confirmed",
        Text("journal confirmé sans témoin", "journal confirmed without a witness"),
    )
    LEDGERS_DIFFER = (
        "ledgers-differ",
        Text("vues que l'autre journal dit autrement", "viewings that the other journal tells otherwise"),
    )
    RESTORED = "restored", Text("repris d'une sauvegarde", "restored from a backup")
    BEGUN_ANEW = (
        "begun-anew",
        Text("recommencé, l'ancien étant conservé à part", "begun anew, the former one kept apart"),
    )
