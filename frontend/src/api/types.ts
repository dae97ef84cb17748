/** Names for what the node says and takes, from its own description (schema.d.ts, generated). Instants are RFC 3339 strings. */
import type { components } from "./schema";

type Said = components["schemas"];

export type Session = Said["SessionOut"];
export type SessionClosed = Said["SessionClosedOut"];
export type Role = Said["Role"];
export type Language = Session["language"];
export type CameraCollection = Said["CamerasOut"];
export type CameraFeature = Said["CameraOut"];
export type CameraState = Said["CameraPropertiesOut"]["state"];
/** Why a camera is lost; a closed set. */
export type SourceCause = Said["SourceCause"];
export type EventKind = Said["EventKind"];
export type OperationalEvent = Said["EventOut"];
export type Streams = Said["StreamsOut"];
export type Viewing = Said["ViewingOut"];
export type Slots = Said["SlotsOut"];
export type Holder = Said["HolderOut"];
export type Suspension = Said["SuspensionOut"];
export type SuspensionGround = Said["SuspensionGround"];
export type OpenedStream = Said["StreamOut"];
/** `offered`: whether this system can carry it out yet. */
/** Why something ended or was refused: the closed set. */
export type Cause = Said["Cause"];
export type Decision = Omit<Said["DecisionOut"], "cause" | "texts"> & Partial<Pick<Said["DecisionOut"], "cause" | "texts">>;
export type ConventionInForce = Said["ConventionOut"];
/** Who steers a camera, or asks to. */
export type Lease = Said["LeaseSeenOut"];
/** A camera that looks where a partner left it, and when it goes back to its rest position. */
export type AwayCamera = Said["AwayCameraOut"];
/** A camera that may still turn although it was stopped. */
export type SteeringAlarm = Said["AlarmOut"];
/** What asking to steer was answered. */
export type TakenLease = Said["LeaseOut"];
/** An agent whose word counts as the director's for a term. */
export type Deputy = Said["DeputyOut"];
export type Habilitation = Said["HabilitationOut"];
/** What the camera of one's own right can be told, and its presets. */
export type Steerable = Said["SteerableOut"];
/** How fast a camera turns, −1 … 1: to the right, upwards, closer. */
export type Velocity = Said["MoveIn"];
/** A preset, or a point of the picture that comes to its centre. */
export type GoTo = Said["GoToIn"];
export type Authorisation = Said["AuthorisationOut"];
export type AuthorisationAnswer = Pick<Said["AuthorisationAnswerIn"], "verdict"> & Partial<Said["AuthorisationAnswerIn"]>;
/** What was said by voice, to be written down. */
export type OralWord = Omit<Said["OralAuthorisationIn"], "until">;
export type CouldWatch = Said["CouldWatchOut"];
export type Faults = Said["FaultsOut"];
export type Availability = Said["AvailabilityOut"];
export type Partners = Said["PartnersOut"];
export type AgentNamed = Said["AgentNamedOut"];
export type ResolutionGround = Said["ResolutionGround"];
export type Reconciliation = Said["ReconciliationOut"];
export type ViewingAccount = Said["AccountOut"];
export type Centre = Said["CentreOut"];
export type Agenda = Said["AgendaOut"];
export type NodeCard = Said["NodeOut"];
export type HandoverNote = Said["HandoverNoteOut"];
export type Ends = Said["EndsOut"];
export type ForeseenTerm = Said["ForeseenTermOut"];
export type ForeseenReplacement = Said["ForeseenReplacementOut"];
export type ConventionChange = Said["ChangeOut"];
export type ConventionAnswer = Said["AnswerOut"];
export type Station = Said["StationStateOut"];
export type RegisteredStation = Said["RegisteredOut"];
export type Compared = Said["ComparedOut"];
export type JournalViewing = Said["JournalViewingOut"];
export type JournalViewings = Said["JournalViewingsOut"];

/** What the engine answers to an invented request; `facts` are those that it read. */
export type WhatIf = Decision & { facts: Record<string, unknown> };

/** Why the owner refuses its word, or takes it back. */
export type AnswerGround = Said["AnswerGround"];

/** A problem (RFC 9457), ours or one that this browser makes up where no answer came. */
export type Problem = Pick<Said["ProblemOut"], "title"> &
  Partial<Said["ProblemOut"]> & {
    holders?: Holder[];
    /** Who steers, where somebody with priority does. */
    holder?: { party: string; service: string; since: string | null };
    /** Whose word the owner refused, withdrew or denied, and on which ground. */
    by_role?: Role | null;
    ground?: AnswerGround | null;
    errors?: { field: string; message: string }[];
  };

/** What the node says of its own parts, outside its description. */
export interface Readiness {
  up: boolean;
  parts: readonly { name: string; well: boolean }[];
  lacking: readonly { part: string; detail: string }[];
}

// What follows travels in server-sent events, in records and in GeoJSON, which the description does not go into.

/** What a partner asks the owner's room to look at, before steering itself. */
export type Look = Said["LookOut"];
/** A message that an article makes due. */
export type Notice = Said["NoticeOut"];

/** Who steers and who asks, what is asked of the owner, and what is owed for it. */
export interface SteeringTold {
  leases: Said["LeasesOut"];
  authorisations: Said["AuthorisationsOut"];
  notices?: Said["NoticesOut"];
  looks?: Said["LooksOut"];
}

/** Where a camera looks that is steered or was left turned; null where it does not tell. */
export interface CameraPosition {
  camera: string;
  /** Clockwise from north. */
  heading_deg: number | null;
  /** −1 … 1. */
  tilt: number | null;
  /** 0 … 1. */
  zoom: number | null;
}

/** A viewing that ended, as the owner's room reads it of a partner's: whose, and why, in codes. */
export interface EndedInShort {
  viewing: string;
  camera: string;
  party: string;
  service: string | null;
  /** The event that it was for, by its id. */
  event: string | null;
  cause: Cause;
  /** The service that took the stream, where one did. */
  by: string | null;
  articles: string[];
}

export interface EndedWords {
  title: string | null;
  detail: string | null;
  remedy: string | null;
}

/** The same, as the viewing's own agent reads it: with why, in words. */
export type Ended = EndedInShort & EndedWords & { texts?: Record<Language, EndedWords> };

export interface JournalRecord {
  at: string;
  kind: string;
  action?: string | null;
  subject?: { party: string; service: string | null; agent: string | null; station: string | null } | null;
  camera?: string | null;
  event?: { id: string; kind: string } | null;
  verdict?: string | null;
  articles?: string[];
  cause?: string | null;
  index?: number;
  detail?: Record<string, unknown>;
}

export type JournalRecords = Omit<Said["JournalOut"], "items"> & { items: JournalRecord[] };

/** The ground that the map draws: streets, water, green, buildings, and the names of sectors. */
export interface GroundFeature {
  type: "Feature";
  geometry: { type: string; coordinates: unknown };
  properties: { kind: "road" | "water" | "green" | "building" | "sector"; name?: string | null; class?: string | null };
}

export interface GroundCollection {
  type: "FeatureCollection";
  features: GroundFeature[];
}
