/** What partners ask of the owner's room: one row an event, and what was given and stands. Pure; times in milliseconds. */
import type { Authorisation, EventKind, Lease, Look, Role } from "../api/types";
import { awaitsHolder, goesOn } from "./ribbon";

export interface RequestRow {
  /** The event, or the one right that is asked for without one. */
  key: string;
  party: string;
  service: string;
  station: string;
  /** Who asks, by the pseudonyms that the owner reads. */
  agents: string[];
  kind: EventKind | null;
  motive: string | null;
  sector: string | null;
  words: Authorisation[];
  cameras: string[];
  /** Since when the first of them waits. */
  askedAtMs: number;
  askedOf: Role[];
  /** The director's deputies are asked by now. */
  deputies: boolean;
  /** One's own word counts for it. */
  yours: boolean;
}

/** A word that was given and stands, or that still waits for its giver. */
export interface GivenRow {
  key: string;
  party: string;
  service: string;
  kind: EventKind | null;
  scope: Authorisation["scope"];
  words: Authorisation[];
  cameras: string[];
  untilMs: number | null;
  /** Given by voice: its giver has neither confirmed nor denied it. */
  unconfirmed: boolean;
  /** One's own word counts for it: one may take it back. */
  yours: boolean;
}

/** A request that has stood for less than this was not read: a key that was meant for the one before answers nothing. */
export const READ_MS = 700;
/** After so long without an answer the next role is asked. */
export const ESCALATES_MS = 20_000;

/** Return the requests, the oldest first, so that what stands first stays there until it is answered. */
export function requestRows(authorisations: readonly Authorisation[], leases: readonly Lease[]): RequestRow[] {
  const waits = new Map(leases.filter(({ state }) => state === "asked").map((lease) => [lease.id, lease]));
  const rows = new Map<string, RequestRow>();
  for (const word of authorisations.filter(({ state }) => state === "asked").toSorted((a, b) => a.asked_at.localeCompare(b.asked_at) || a.id.localeCompare(b.id))) {
    const lease = waits.get(word.lease);
    // What another word has covered meanwhile is not asked any more.
    if (!lease) continue;
    const key = word.event?.id ?? word.lease;
    const { party, service, station, event } = word;
    const row = rows.get(key) ?? {
      key, party, service, station, agents: [], kind: event?.kind ?? null, motive: event?.motive ?? null, sector: event?.sector ?? null,
      words: [], cameras: [], askedAtMs: Date.parse(word.asked_at), askedOf: [], deputies: false, yours: false,
    };
    rows.set(key, row);
    row.words.push(word);
    if (!row.cameras.includes(word.camera)) row.cameras.push(word.camera);
    if (!row.agents.includes(lease.agent)) row.agents.push(lease.agent);
    row.deputies ||= word.deputies;
    row.yours ||= word.yours;
    row.askedOf = [...new Set([...row.askedOf, ...word.asked_of])];
  }
  return [...rows.values()];
}

/** Return what was given and stands: what covers an event as one row, what covers a camera as one each. */
export function givenRows(authorisations: readonly Authorisation[]): GivenRow[] {
  const rows = new Map<string, GivenRow>();
  for (const word of authorisations.filter(({ state }) => state === "given")) {
    const key = word.scope === "event" ? `${word.event?.id ?? word.id} ${word.unconfirmed}` : word.id;
    const untilMs = word.until === null ? null : Date.parse(word.until);
    const row = rows.get(key) ?? {
      key, party: word.party, service: word.service, kind: word.event?.kind ?? null, scope: word.scope, words: [], cameras: [], untilMs, unconfirmed: word.unconfirmed, yours: word.yours,
    };
    rows.set(key, row);
    row.words.push(word);
    row.cameras.push(word.camera);
    if (untilMs !== null) row.untilMs = Math.max(row.untilMs ?? 0, untilMs);
  }
  return [...rows.values()];
}

/** The row that a key answers: the one in hand, else the first; none while it has not stood long enough to be read. */
export function answered<T extends { key: string }>(rows: readonly T[], inHand: string | null, stoodMs: (key: string) => number): T | null {
  const row = rows.find(({ key }) => key === inHand) ?? rows[0] ?? null;
  return row && stoodMs(row.key) >= READ_MS ? row : null;
}

/** Which camera a key takes back: that of the row in hand, of the picture in hand, else the one that a partner took last. */
export function takenBack(leases: readonly Lease[], ownParty: string, inHand: string | null, selected: string | null): string | null {
  const held = leases.filter(({ party, state }) => party !== ownParty && state === "held").toSorted((a, b) => (b.since ?? "").localeCompare(a.since ?? ""));
  return (held.find(({ camera }) => camera === inHand) ?? held.find(({ camera }) => camera === selected) ?? held[0])?.camera ?? null;
}

/** A camera for which two of one service ask each other: whoever steers, and whoever asks. */
export interface Dispute {
  asker: Lease;
  holder: Lease;
}

/** Return the cameras that a supervisor of this service may assign: those that others of it ask each other for. */
export function disputes(leases: readonly Lease[], authorisations: readonly Authorisation[], { party, service }: { party: string; service: string | null }): Dispute[] {
  const ofService = (lease: Lease) => lease.party === party && lease.service === service && !lease.mine;
  return leases
    .filter((lease) => lease.state === "asked" && ofService(lease) && awaitsHolder(lease, authorisations))
    .flatMap((asker) => {
      const holder = leases.find((lease) => lease.camera === asker.camera && lease.state === "held");
      return holder && ofService(holder) ? [{ asker, holder }] : [];
    });
}

/** The looks that wait for an answer or are being taken, the oldest first. */
export const openLooks = (looks: readonly Look[]): Look[] =>
  looks.filter(goesOn).toSorted((a, b) => a.asked_at.localeCompare(b.asked_at) || a.id.localeCompare(b.id));
