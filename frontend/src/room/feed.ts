/** What happened in the room, read from one snapshot to the next. Pure. */
import type { CameraState, OperationalEvent, Streams, Suspension } from "../api/types";

export type Happening =
  | { what: "opened" | "ended"; party: string; service: string | null; camera: string }
  | { what: "suspended"; camera: string; ground: Suspension["ground"] }
  | { what: "lifted"; camera: string }
  | { what: "event" | "event-closed"; event: OperationalEvent }
  | { what: "lost" | "back"; cameras: string[] };

/** Return what changed between two states of the streams, the partners' only. */
export function streamHappenings(before: Streams, after: Streams, ownParty: string): Happening[] {
  const seen: Happening[] = [];
  const key = (s: Suspension) => `${s.camera} ${s.party}`;
  const had = new Map(before.items.map((item) => [item.id, item]));
  const has = new Map(after.items.map((item) => [item.id, item]));
  const suspendedBefore = new Map(before.suspensions.map((s) => [key(s), s]));
  const suspendedAfter = new Map(after.suspensions.map((s) => [key(s), s]));
  for (const [id, { party, service, camera }] of has)
    if (!had.has(id) && party !== ownParty) seen.push({ what: "opened", party, service, camera });
  for (const [k, { camera, ground }] of suspendedAfter)
    if (!suspendedBefore.has(k)) seen.push({ what: "suspended", camera, ground });
  for (const [id, { party, service, camera }] of had)
    if (!has.has(id) && party !== ownParty && !suspendedAfter.has(`${camera} ${party}`))
      seen.push({ what: "ended", party, service, camera });
  for (const [k, { camera }] of suspendedBefore) if (!suspendedAfter.has(k)) seen.push({ what: "lifted", camera });
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

/** Many cameras lost at once are one thing that happened. */
export function cameraHappenings(
  before: ReadonlyMap<string, CameraState>,
  changed: readonly { id: string; state: CameraState }[],
): Happening[] {
  const lost = changed.filter(({ id, state }) => state === "lost" && before.get(id) !== "lost").map(({ id }) => id);
  const back = changed.filter(({ id, state }) => state !== "lost" && before.get(id) === "lost").map(({ id }) => id);
  return [
    ...(lost.length ? [{ what: "lost" as const, cameras: lost }] : []),
    ...(back.length ? [{ what: "back" as const, cameras: back }] : []),
  ];
}
