/**
 * What happened in the room, read from one snapshot to the next, and the lines in which it is told: what belongs together
 * is one line, written on in its place. Pure; times in milliseconds.
 */
import type { Cause, Centre, EndedInShort, EventKind, Lease, Look, OperationalEvent, Streams, Suspension, Viewing } from "../api/types";
import type { Outage } from "./outages";

/** What follows within this time is told in the same line. */
const TOGETHER_MS = 10_000;
/** Viewings that a restarted node has not given again by then are over. */
const TAKEN_UP_MS = 15_000;
const LINES_MAX = 200;

export interface Watchers {
  party: string;
  service: string | null;
}

export type Happening =
  | { what: "opened"; by: Watchers; kind: EventKind | null; event: string | null; cameras: string[] }
  | { what: "ended"; by: Watchers; cause: Cause; articles: string[]; cameras: string[] }
  | { what: "taken"; from: Watchers; by: string; articles: string[]; cameras: string[] }
  | { what: "suspended"; camera: string; ground: Suspension["ground"] }
  | { what: "lifted"; camera: string }
  | { what: "event" | "event-closed"; event: OperationalEvent }
  | { what: "outage"; outage: Outage }
  | { what: "restarted"; viewings: number; takenUp: number }
  | { what: "room"; turn: "opens" | "closes" | "inactive" | "active" | "withdrawn" | "restored" }
  | { what: "hours"; varied: Centre["varied"] }
  | { what: "steering"; turn: "asked" | "held" | "ended"; by: Watchers; cameras: string[] }
  | { what: "look"; turn: Look["state"]; by: Watchers; camera: string | null };

export interface FeedLine {
  id: number;
  atMs: number;
  happening: Happening;
}

const suspensionKey = (s: Suspension) => `${s.camera} ${s.party}`;

/** Return what changed between two states of the streams, the partners' only; `ends` says why a viewing ended. */
export function streamHappenings(before: Streams, after: Streams, ownParty: string, ends: ReadonlyMap<string, EndedInShort>): Happening[] {
  const seen: Happening[] = [];
  const had = new Map(before.items.map((item) => [item.id, item]));
  const has = new Map(after.items.map((item) => [item.id, item]));
  const suspendedBefore = new Map(before.suspensions.map((s) => [suspensionKey(s), s]));
  const suspendedAfter = new Map(after.suspensions.map((s) => [suspensionKey(s), s]));
  for (const [id, { party, service, camera, event }] of has)
    if (!had.has(id) && party !== ownParty) seen.push({ what: "opened", by: { party, service }, kind: event?.kind ?? null, event: event?.id ?? null, cameras: [camera] });
  for (const [key, { camera, ground }] of suspendedAfter)
    if (!suspendedBefore.has(key)) seen.push({ what: "suspended", camera, ground });
  for (const [id, { party, service, camera, agent }] of had) {
    if (has.has(id) || party === ownParty || suspendedAfter.has(`${camera} ${party}`)) continue;
    const { cause = "closed", articles = [], by = null } = ends.get(id) ?? {};
    // Shown for another event from now on: the agent sees the camera still.
    if (cause === "closed" && after.items.some((item) => item.camera === camera && item.party === party && item.agent === agent)) continue;
    if (cause === "pre-empted" && by) seen.push({ what: "taken", from: { party, service }, by, articles, cameras: [camera] });
    else seen.push({ what: "ended", by: { party, service }, cause, articles, cameras: [camera] });
  }
  for (const [key, { camera }] of suspendedBefore) if (!suspendedAfter.has(key)) seen.push({ what: "lifted", camera });
  return seen;
}

export function eventHappenings(before: readonly OperationalEvent[], after: readonly OperationalEvent[]): Happening[] {
  const had = new Map(before.map((event) => [event.id, event]));
  const has = new Map(after.map((event) => [event.id, event]));
  const seen: Happening[] = [];
  for (const [id, event] of has) {
    const was = had.get(id);
    if (!was && event.state === "open") seen.push({ what: "event", event });
    if (was?.state === "open" && event.state === "closed") seen.push({ what: "event-closed", event });
  }
  for (const [id, event] of had)
    if (!has.has(id) && event.state === "open") seen.push({ what: "event-closed", event: { ...event, state: "closed" } });
  return seen;
}

/** Return what was declared about the owner's room, or came with the hour. */
export function centreHappenings(before: Centre | null, after: Centre): Happening[] {
  if (!before) return [];
  const seen: Happening[] = [];
  if (before.authorisation_withdrawn !== after.authorisation_withdrawn)
    seen.push({ what: "room", turn: after.authorisation_withdrawn ? "withdrawn" : "restored" });
  if (before.inactive !== after.inactive) seen.push({ what: "room", turn: after.inactive ? "inactive" : "active" });
  if (before.open !== after.open) seen.push({ what: "room", turn: after.open ? "opens" : "closes" });
  if (JSON.stringify(before.varied) !== JSON.stringify(after.varied) && (after.varied || before.open === after.open))
    seen.push({ what: "hours", varied: after.varied });
  return seen;
}

/** Return what changed in who steers and who asks: a partner's, and what the own room takes. */
export function steeringHappenings(before: readonly Lease[], after: readonly Lease[]): Happening[] {
  const had = new Map(before.map((lease) => [lease.id, lease]));
  const has = new Map(after.map((lease) => [lease.id, lease]));
  const seen: Happening[] = [];
  const told = ({ party, service, camera }: Lease, turn: "asked" | "held" | "ended") => seen.push({ what: "steering", turn, by: { party, service }, cameras: [camera] });
  for (const [id, lease] of had) if (!has.has(id) && lease.state === "held") told(lease, "ended");
  for (const [id, lease] of has) if (had.get(id)?.state !== lease.state) told(lease, lease.state);
  return seen;
}

/** Return what became of the looks that partners ask for. */
export function lookHappenings(before: readonly Look[], after: readonly Look[]): Happening[] {
  const had = new Map(before.map(({ id, state }) => [id, state]));
  return after
    .filter(({ id, state }) => had.get(id) !== state)
    .map(({ state, party, service, camera }) => ({ what: "look", turn: state, by: { party, service }, camera }));
}

/** The events that partners watch for, as their viewings tell them: the owner's room is given no list of them. */
export function partnersEvents(items: readonly Viewing[], ownParty: string): OperationalEvent[] {
  const events = new Map<string, OperationalEvent>();
  for (const { event, party, agent, since } of items.toSorted((a, b) => a.since.localeCompare(b.since))) {
    if (!event || party === ownParty || events.has(event.id)) continue;
    const { id, kind, motive, dispatch_number, sector } = event;
    events.set(id, { id, kind, motive, dispatch_number, sector, party, state: "open", opened_at: since, opened_by: agent, opened_by_label: agent, kept_by: agent, kept_by_label: agent, motive_owed: motive === null });
  }
  return [...events.values()];
}

/** Return a line's happening with another one taken in, or null where they are two things. */
function together(told: Happening, next: Happening): Happening | null {
  if (told.what === "outage" && next.what === "outage" && told.outage.id === next.outage.id) return next;
  if (!("cameras" in told) || !("cameras" in next) || told.what !== next.what) return null;
  const same = (a: Watchers, b: Watchers) => a.party === b.party && a.service === b.service;
  const cameras = [...told.cameras, ...next.cameras.filter((camera) => !told.cameras.includes(camera))];
  if (told.what === "opened" && next.what === "opened" && same(told.by, next.by) && told.event === next.event) return { ...told, cameras };
  if (told.what === "ended" && next.what === "ended" && same(told.by, next.by) && told.cause === next.cause) return { ...told, cameras };
  if (told.what === "steering" && next.what === "steering" && same(told.by, next.by) && told.turn === next.turn) return { ...told, cameras };
  if (told.what === "taken" && next.what === "taken" && same(told.from, next.from) && told.by === next.by) return { ...told, cameras };
  return null;
}

const sameWatch = ({ camera, party, agent, event }: Viewing) => [camera, party, agent, event?.id ?? ""].join(" ");

export class Feed {
  lines: readonly FeedLine[] = [];

  #ownParty: () => string;
  #ends = new Map<string, EndedInShort>();
  #startedAt: string | null = null;
  /** What ran when the node was started anew, and how long to wait for it to be taken up. */
  #restart: { before: Streams; untilMs: number } | null = null;
  #streams: Streams | null = null;
  #count = 0;

  constructor(ownParty: () => string) {
    this.#ownParty = ownParty;
  }

  /** Note why a viewing ended; the snapshot without it follows. */
  ended(end: EndedInShort): void {
    this.#ends.set(end.viewing, end);
    if (this.#ends.size > LINES_MAX) this.#ends.delete(this.#ends.keys().next().value ?? "");
  }

  /** Note since when the node runs; where that changes, what ran before is waited for. */
  runsSince(startedAt: string, nowMs: number): void {
    if (this.#startedAt !== null && this.#startedAt !== startedAt && this.#streams)
      this.#restart ??= { before: this.#streams, untilMs: nowMs + TAKEN_UP_MS };
    this.#startedAt = startedAt;
  }

  streams(after: Streams, nowMs: number): void {
    const before = this.#streams;
    this.#streams = after;
    if (before && !this.#restart) this.tell(streamHappenings(before, after, this.#ownParty(), this.#ends), nowMs);
    else this.settle(nowMs);
  }

  /** Tell of a restart once every viewing is taken up, or none is waited for any longer. */
  settle(nowMs: number): void {
    const restart = this.#restart;
    if (!restart || !this.#streams) return;
    const now = new Set(this.#streams.items.map(sameWatch));
    const ran = restart.before.items.filter(({ party }) => party !== this.#ownParty());
    const lost = ran.filter((item) => !now.has(sameWatch(item)));
    if (lost.length && nowMs < restart.untilMs) return;
    this.#restart = null;
    // What was taken up is the same watch under a new name: only what differs besides has happened.
    const { items, ...more } = restart.before;
    const then = new Set(items.map(sameWatch));
    const before = { ...more, items: [...lost, ...this.#streams.items.filter((item) => then.has(sameWatch(item)))] };
    this.tell([{ what: "restarted", viewings: ran.length, takenUp: ran.length - lost.length }], nowMs);
    const ends = new Map(lost.map((item): [string, EndedInShort] => [item.id, { ...item, viewing: item.id, event: null, cause: "restart", by: null, articles: [] }]));
    this.tell(streamHappenings(before, this.#streams, this.#ownParty(), ends), nowMs);
  }

  tell(happenings: readonly Happening[], nowMs: number): void {
    for (const happening of happenings) this.#tell(happening, nowMs);
  }

  #tell(next: Happening, nowMs: number): void {
    for (const line of this.lines) {
      const outage = line.happening.what === "outage";
      if (!outage && nowMs - line.atMs > TOGETHER_MS) continue;
      const happening = together(line.happening, next);
      if (!happening) continue;
      this.lines = this.lines.map((one) => (one === line ? { ...line, happening } : one));
      return;
    }
    this.#count += 1;
    const atMs = next.what === "outage" ? next.outage.beganAtMs : nowMs;
    this.lines = [{ id: this.#count, atMs, happening: next }, ...this.lines].slice(0, LINES_MAX);
  }
}
