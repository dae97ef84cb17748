/** A what-if question as the form holds it, and the request to decide that it spells. No answer is made here. */
import type { ConventionInForce, EventKind, Holder, SuspensionGround } from "../../api/types";
import type { Messages } from "../../i18n/fr";
import { partyWords, serviceWords } from "../../i18n/words";
import type { Camera } from "../../room/inventory";
import { instantTyped } from "../journal/when";

export const ACTIONS = ["view", "take_ptz", "record", "extract", "read_inventory"] as const;
export const PURPOSES = [
  "regles-acces-pietons", "verbalisation", "recherche-auteurs-degradations", "alerte-terrain", "video-verbalisation", "regulation-trafic",
] as const;
/** Stands for a service that the convention does not name. */
export const OTHER_SERVICE = "autre-service";

export interface Question {
  action: (typeof ACTIONS)[number];
  party: string;
  service: string;
  habilitated: boolean;
  stationRegistered: boolean;
  event: EventKind | "";
  motive: string;
  /** As it is typed, on the parties' wall clock; empty is now. */
  at: string;
  inactive: boolean;
  slots: number;
  /** How many of these streams another service of the party holds. */
  slotsOfOthers: number;
  cameraSeen: boolean;
  authorisedBy: "" | "police-director" | "csu-room-chief";
  notified: boolean;
  ownerSteers: "unknown" | "yes" | "no";
  suspended: SuspensionGround | "";
  withdrawn: boolean;
  requisition: boolean;
  purpose: (typeof PURPOSES)[number] | "";
}

/** What the question is asked beside: the present instant, the running streams, the inventory. */
export interface Situation {
  nowMs: number;
  holders: readonly Holder[];
  cameras: readonly string[];
}

/** A service that may ask, and whose it is. */
export interface Asking {
  party: string;
  service: string;
}

const HOUR_MS = 3_600_000;
/** Stands for a file that the requisition is attached as. */
const SOME_SHA256 = "0".repeat(64);

/** Return every service that the convention names, and one for those that it does not. */
export function services(convention: ConventionInForce | null): Asking[] {
  return (convention?.bound ?? []).flatMap(({ id, services: named, other_services }) => [
    ...named.map((service) => ({ party: id, service })),
    ...(other_services ? [{ party: id, service: OTHER_SERVICE }] : []),
  ]);
}

/** What a service is called with its party; one that the convention does not name is another service of it. */
export function askingWords({ party, service }: { party: string; service: string | null }, words: Messages): string {
  return service === null || service === OTHER_SERVICE
    ? words.desks.whatIf.otherService(partyWords(party, words))
    : `${serviceWords(service, party, words)} · ${partyWords(party, words)}`;
}

/** Return how many streams run, and how many of them the service itself does not watch. */
export function running(holders: readonly Holder[], service: string): Pick<Question, "slots" | "slotsOfOthers"> {
  return { slots: holders.length, slotsOfOthers: holders.filter((holder) => !holder.services.includes(service)).length };
}

interface HolderAsked {
  camera: string;
  service: string;
}

/** Return who holds the streams: those that really run where the figures are theirs, else as many made up. */
export function holdersOf(question: Question, camera: string, { holders, cameras }: Situation): HolderAsked[] {
  const real = running(holders, question.service);
  if (real.slots === question.slots && real.slotsOfOthers === question.slotsOfOthers)
    return holders.flatMap(({ camera: held, services: by }) => by.map((service) => ({ camera: held, service })));
  const others = question.service === OTHER_SERVICE ? "cic" : OTHER_SERVICE;
  return cameras
    .filter((id) => id !== camera)
    .slice(0, question.slots)
    .map((id, at) => ({ camera: id, service: at < question.slotsOfOthers ? others : question.service }));
}

/** Return the request to decide that a question spells, or null while its date is none. */
export function requestOf(question: Question, camera: Camera, situation: Situation): object | null {
  const at = question.at.trim() === "" ? new Date(situation.nowMs).toISOString() : instantTyped(question.at, situation.nowMs, "next");
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
      holders: holdersOf(question, camera.id, situation),
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
