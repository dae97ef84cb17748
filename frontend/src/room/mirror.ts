/** What the owner's room sees of its partners: a row a camera, which keeps its place under the hand. Pure. */
import type { EventKind, Viewing } from "../api/types";

export interface Watching {
  service: string | null;
  party: string;
  viewings: Viewing[];
}

export interface MirrorRow {
  camera: string;
  viewings: Viewing[];
  /** By service, the first to watch first. */
  services: Watching[];
  /** What they watch for, each event once. */
  events: { id: string; kind: EventKind; motive: string | null; dispatch_number: string | null; motive_to_come: boolean }[];
  since: string;
}

/** Return a row for each camera that partners watch, in the order in which they came. */
export function mirrorRows(items: readonly Viewing[], ownParty: string): MirrorRow[] {
  const rows = new Map<string, MirrorRow>();
  const partners = items.filter(({ party }) => party !== ownParty);
  for (const viewing of partners.toSorted((a, b) => a.since.localeCompare(b.since) || a.id.localeCompare(b.id))) {
    const row = rows.get(viewing.camera) ?? { camera: viewing.camera, viewings: [], services: [], events: [], since: viewing.since };
    rows.set(viewing.camera, row);
    row.viewings.push(viewing);
    const { service, party, event } = viewing;
    const watching = row.services.find((one) => one.service === service && one.party === party);
    if (watching) watching.viewings.push(viewing);
    else row.services.push({ service, party, viewings: [viewing] });
    if (event && !row.events.some(({ id }) => id === event.id)) row.events.push(event);
  }
  return [...rows.values()];
}

/**
 * Return the cameras in the order of their rows: those that stood there keep theirs, new ones come last. What is watched no
 * more keeps its place too while somebody's hand is on the rows (`held`), so that nothing moves under it.
 */
export function arranged(stood: readonly string[], watched: readonly string[], held: boolean): string[] {
  const kept = held ? stood : stood.filter((camera) => watched.includes(camera));
  return [...kept, ...watched.filter((camera) => !kept.includes(camera))];
}

/** The stations at which a service watches a camera: two agents at one station are one. */
export const stationsOf = ({ viewings }: Watching): number => new Set(viewings.map(({ station }) => station)).size;
