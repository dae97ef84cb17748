/** Stations by the party whose they are, as the node ordered the parties; within one, those that run first. Pure. */
import type { Station } from "../../api/types";

export interface StationsOfParty {
  party: string;
  stations: Station[];
}

export function byParty(stations: readonly Station[]): StationsOfParty[] {
  const found = new Map<string, Station[]>();
  for (const station of stations) found.set(station.party, [...(found.get(station.party) ?? []), station]);
  const ended = ({ ended_at }: Station) => Number(ended_at !== null);
  return [...found].map(([party, each]) => ({
    party,
    stations: each.toSorted((a, b) => ended(a) - ended(b) || a.label.localeCompare(b.label)),
  }));
}
