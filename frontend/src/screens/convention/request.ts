/** A what-if question as the form holds it, and the request to decide that it spells. No answer is made here. */
import type { EventKind, SuspensionGround } from "../../api/types";
import { instantOf } from "../../i18n/wall_clock";
import type { Camera } from "../../room/inventory";

export const ACTIONS = ["view", "take_ptz", "record", "extract", "read_inventory"] as const;
export const PURPOSES = [
  "regles-acces-pietons", "verbalisation", "recherche-auteurs-degradations", "alerte-terrain", "video-verbalisation", "regulation-trafic",
] as const;

export interface Question {
  action: (typeof ACTIONS)[number];
  party: string;
  service: string;
  habilitated: boolean;
  stationRegistered: boolean;
  event: EventKind | "";
  motive: string;
  /** `2026-03-28T23:30`, the parties' wall clock. */
  at: string;
  inactive: boolean;
  slots: number;
  cameraSeen: boolean;
  authorisedBy: "" | "police-director" | "csu-room-chief";
  notified: boolean;
  ownerSteers: "unknown" | "yes" | "no";
  suspended: SuspensionGround | "";
  withdrawn: boolean;
  requisition: boolean;
  purpose: (typeof PURPOSES)[number] | "";
}

const HOUR_MS = 3_600_000;
/** Stands for a file that the requisition is attached as. */
const SOME_SHA256 = "0".repeat(64);

/** Return the request to decide that a question spells, or null while its date is none. */
export function requestOf(question: Question, camera: Camera): object | null {
  const at = instantOf(question.at);
  if (at === null) return null;
  return {
    action: question.action,
    at,
    agent: {
      party: question.party,
      service: question.service.trim() || null,
      habilitated: question.habilitated,
      station_registered: question.stationRegistered,
    },
    camera: {
      id: camera.id, owner: camera.owner, commune: camera.commune, zone: camera.zone, class: camera.cameraClass,
      authorised_until: camera.authorisedUntil, ptz: camera.ptz,
    },
    event: question.event === "" ? null : { kind: question.event, open: true, motive: question.motive.trim() || null },
    purpose: question.purpose || null,
    requisition: question.requisition ? { kind: "cpp-60-1", reference: "—", file_sha256: SOME_SHA256 } : null,
    state: {
      streams_in_use: question.slots,
      camera_in_use: question.cameraSeen,
      holders: [],
      lease: null,
      authorisation: question.authorisedBy
        ? { by_role: question.authorisedBy, until: new Date(Date.parse(at) + HOUR_MS).toISOString() }
        : null,
      notified: question.notified,
      hours_override: null,
      centre_inactive: question.inactive,
      owner_is_steering: question.ownerSteers,
      authorisation_withdrawn: question.withdrawn,
      suspended: question.suspended ? { ground: question.suspended, by_role: "police-director" } : null,
      facts: {},
    },
  };
}
