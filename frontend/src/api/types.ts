/** What the node says and takes, under /api/v1. Instants are RFC 3339 strings. */

export type EventKind =
  | "levee-de-doute"
  | "intervention"
  | "evenement-planifie"
  | "trouble-grave"
  | "recherche-personne"
  | "surveillance-ponctuelle";

export type Role =
  | "csu-operator"
  | "csu-room-chief"
  | "police-director"
  | "cic-operator"
  | "cic-supervisor"
  | "other-state-operator"
  | "pcrt-operator"
  | "inspector"
  | "admin";

export type SuspensionGround = "security-incident" | "mask-fault" | "withdrawal";
export type Language = "fr" | "en";

export interface Session {
  agent: { label: string; pseudonym: string; party: string; service: string | null; role: Role };
  station: { id: string; label: string };
  party: string;
  language: Language;
}

export type CameraState = "ok" | "lost" | "maintenance";

export interface CameraProperties {
  id: string;
  number: number;
  name: string;
  sector: string | null;
  street: string | null;
  class: string | null;
  ptz: boolean;
  heading_deg: number | null;
  fov_deg: number | null;
  range_m: number | null;
  state: CameraState;
  authorised_until: string | null;
  owner: string;
}

export interface CameraFeature {
  type: "Feature";
  geometry: { type: "Point"; coordinates: [number, number] };
  properties: CameraProperties;
}

export interface CameraCollection {
  type: "FeatureCollection";
  features: CameraFeature[];
}

export interface OperationalEvent {
  id: string;
  kind: EventKind;
  state: "open" | "closed";
  sector: string | null;
  motive: string | null;
  dispatch_number: string | null;
  opened_at: string;
  opened_by: string;
  party: string;
  motive_owed: boolean;
}

export interface Viewing {
  id: string;
  camera: string;
  party: string;
  service: string | null;
  agent: string;
  station: string | null;
  event: { id: string; kind: EventKind; motive: string | null; dispatch_number: string | null } | null;
  since: string;
  mine: boolean;
}

export interface Holder {
  camera: string;
  services: string[];
  since: string | null;
}

export interface Slots {
  party: string;
  used: number;
  total: number;
  holders: Holder[];
}

export interface Suspension {
  camera: string;
  party: string;
  ground: SuspensionGround;
  reason: string;
  since: string;
  /** The viewing by which it was pronounced; it lifts by the same. */
  viewing: string;
}

export interface Streams {
  items: Viewing[];
  slots: Slots[];
  suspensions: Suspension[];
}

export interface OpenedStream {
  id: string;
  camera: string;
  media_url: string;
  slot: number | null;
  slots: number | null;
  articles: string[];
  valid_until: string | null;
}

export interface Problem {
  type?: string;
  title: string;
  detail?: string | null;
  status?: number;
  articles?: string[];
  remedy?: string | null;
  cause?: string | null;
  holders?: Holder[];
}

export interface Decision {
  verdict: "granted" | "refused" | "pending";
  articles: string[];
  obligations: { kind: string; due: string | null }[];
  valid_until: string | null;
  reason: string;
  remedy: string | null;
  preempts?: string[];
}

export interface Ended {
  viewing: string;
  camera: string;
  cause: string;
  articles: string[];
  title: string | null;
  detail: string | null;
  remedy: string | null;
}

export interface ConventionInForce {
  id: string;
  title: string;
  sha256: string;
  in_force_from: string;
  regime: string | null;
  parties: string[];
  quota: number | null;
  authorisation_withdrawn: boolean;
}

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
}

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
