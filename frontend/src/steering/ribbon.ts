/** What the ribbon of a picture says about who steers its camera. Pure; times in milliseconds. */
import type { Authorisation, AwayCamera, Lease, Look, Problem } from "../api/types";

/** A right to steer that is over, or was refused: the node's own answer, which it gives for ever after. */
export interface SteeringOver {
  camera: string;
  /** Whether it had only been asked for. */
  wasAsked: boolean;
  problem: Problem;
  atMs: number;
}

export type Ribbon =
  | { is: "none" }
  /** One steers oneself. `word`: the owner's, by which. `colleague`: another of one's own asks for the camera. */
  | { is: "mine"; lease: Lease; forMs: number; left: number | null; word: Authorisation | null; colleague: Lease | null }
  /** One asked: the owner's room, or whoever of one's own steers. */
  | { is: "asked"; lease: Lease; of: "owner" | "colleague"; forMs: number; telephone: boolean }
  | { is: "other"; lease: Lease; forMs: number; left: number | null }
  | { is: "over"; over: SteeringOver }
  /** The owner's room was asked to look. */
  | { is: "look"; look: Look; forMs: number }
  /** A partner left it turned: it goes back to its rest position by itself. */
  | { is: "away"; inMs: number };

/** Nobody of the owner's answered for so long: one calls. */
const TELEPHONE_AFTER_MS = 40_000;
/** Why one no longer steers stands so long, unless one asks again. */
const OVER_MS = 120_000;
/** A ring that is nearly empty is said in words too. */
export const ENDS_SOON = 0.17;

export interface Steered {
  leases: readonly Lease[];
  authorisations: readonly Authorisation[];
  over: SteeringOver | null;
  looks: readonly Look[];
  away: readonly AwayCamera[];
  /** Since when what is asked for has been asked, as this screen learnt it. */
  askedAtMs: (lease: string) => number | null;
}

export function ribbonOf(camera: string, { leases, authorisations, over, looks, away, askedAtMs }: Steered, nowMs: number): Ribbon {
  const here = leases.filter((lease) => lease.camera === camera);
  const held = here.find(({ state }) => state === "held");
  const mine = here.find((lease) => lease.mine);
  const forMs = (since: string | null) => (since === null ? 0 : Math.max(0, nowMs - Date.parse(since)));
  if (held && held === mine) {
    const colleague = here.find((lease) => lease.state === "asked" && awaitsHolder(lease, authorisations)) ?? null;
    return { is: "mine", lease: held, forMs: forMs(held.since), left: leftOf(held, nowMs), word: wordFor(held, authorisations), colleague };
  }
  if (mine) {
    const word = authorisations.find(({ lease, state }) => lease === mine.id && state === "asked");
    const waits = word ? forMs(word.asked_at) : Math.max(0, nowMs - (askedAtMs(mine.id) ?? nowMs));
    return { is: "asked", lease: mine, of: word ? "owner" : "colleague", forMs: waits, telephone: word ? word.telephone || waits >= TELEPHONE_AFTER_MS : false };
  }
  if (over && over.camera === camera && nowMs - over.atMs < OVER_MS) return { is: "over", over };
  const look = looks.findLast((one) => one.camera === camera && tellsStill(one, nowMs));
  if (look) return { is: "look", look, forMs: forMs(look.asked_at) };
  if (held) return { is: "other", lease: held, forMs: forMs(held.since), left: leftOf(held, nowMs) };
  const goesBack = away.find((one) => one.camera === camera)?.at ?? null;
  return goesBack === null ? { is: "none" } : { is: "away", inMs: Math.max(0, Date.parse(goesBack) - nowMs) };
}

/** The word that was given by which a lease is held, or null where it needs none: the camera's own before the event's. */
export function wordFor(lease: Lease, authorisations: readonly Authorisation[]): Authorisation | null {
  const given = authorisations.filter((word) => word.state === "given" && word.party === lease.party && word.event?.id === lease.event);
  return given.find(({ scope, camera }) => scope === "camera" && camera === lease.camera) ?? given.find(({ scope }) => scope === "event") ?? null;
}

/** Whether a lease that is asked for waits for whoever steers, and for no word of the owner's. */
export const awaitsHolder = (lease: Lease, authorisations: readonly Authorisation[]): boolean =>
  !authorisations.some((word) => word.lease === lease.id && word.state === "asked");

/** Whether a look is still asked for, or being taken. */
export const goesOn = ({ state }: Look): boolean => state === "asked" || state === "accepted";

/** Whether what became of a look still stands before whoever asked. */
export const tellsStill = (look: Look, nowMs: number): boolean => goesOn(look) || nowMs - Date.parse(look.answered_at ?? "") < OVER_MS;

/** Return the share of its time that a lease has left, or null where it has no term. */
function leftOf({ since, until }: Lease, nowMs: number): number | null {
  if (since === null || until === null) return null;
  const whole = Date.parse(until) - Date.parse(since);
  return whole > 0 ? Math.min(1, Math.max(0, (Date.parse(until) - nowMs) / whole)) : 0;
}

/** 0:41, 12:05, 1:02:30 */
export function elapsedWords(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const two = (value: number) => String(value).padStart(2, "0");
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  return hours ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}
