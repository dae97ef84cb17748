"""Closed sets of words, as the conventions and the API spell them."""

from enum import StrEnum


class Action(StrEnum):
    """What an agent asks to do with a camera."""

    VIEW = "view"
    TAKE_PTZ = "take_ptz"
    RECORD = "record"
    EXTRACT = "extract"
    READ_INVENTORY = "read_inventory"


class EventKind(StrEnum):
    """What an operational event is about."""

    LEVEE_DE_DOUTE = "levee-de-doute"
    INTERVENTION = "intervention"
    EVENEMENT_PLANIFIE = "evenement-planifie"
    TROUBLE_GRAVE = "trouble-grave"
    RECHERCHE_PERSONNE = "recherche-personne"
    SURVEILLANCE_PONCTUELLE = "surveillance-ponctuelle"


class Purpose(StrEnum):
    """For what a viewing serves, where a convention lists purposes."""

    REGLES_ACCES_PIETONS = "regles-acces-pietons"
    VERBALISATION = "verbalisation"
    RECHERCHE_AUTEURS_DEGRADATIONS = "recherche-auteurs-degradations"
    ALERTE_TERRAIN = "alerte-terrain"
    VIDEO_VERBALISATION = "video-verbalisation"
    REGULATION_TRAFIC = "regulation-trafic"


class Role(StrEnum):
    """What an agent's account may do in its own room."""

    CSU_OPERATOR = "csu-operator"
    CSU_ROOM_CHIEF = "csu-room-chief"
    POLICE_DIRECTOR = "police-director"
    CIC_OPERATOR = "cic-operator"
    CIC_SUPERVISOR = "cic-supervisor"
    OTHER_STATE_OPERATOR = "other-state-operator"
    PCRT_OPERATOR = "pcrt-operator"
    TECHNICIAN = "technician"
    INSPECTOR = "inspector"
    ADMIN = "admin"


class SuspensionGround(StrEnum):
    """On what a flow may be suspended (rules A5, a reading)."""

    SECURITY_INCIDENT = "security-incident"
    MASK_FAULT = "mask-fault"
    WITHDRAWAL = "withdrawal"


class Verdict(StrEnum):
    """The three answers of a convention."""

    GRANTED = "granted"
    REFUSED = "refused"
    PENDING = "pending"
