/**
 * What a station keeps for a role: how its wall is cut, up to three layouts under a name, and whether letters are keys. Pure.
 * The node keeps it as it is given: whatever is read here was written by a screen, perhaps an older one.
 */
import { PLACES, PLACES_AT_FIRST } from "./places";

export const NAMED_MAX = 3;
const NAME_MAX = 40;

export interface NamedLayout {
  name: string;
  places: number;
  /** The cameras by the cell that each stands in; null where a cell is free. */
  cameras: (string | null)[];
}

export interface Kept {
  places: number;
  named: (NamedLayout | null)[];
  /** WCAG 2.1.4: keys of a single letter can be turned off. */
  letters: "on" | "off";
}

export const KEPT_AT_FIRST: Kept = { places: PLACES_AT_FIRST, named: Array.from({ length: NAMED_MAX }, () => null), letters: "on" };

const isPlaces = (value: unknown): value is number => value === PLACES || value === PLACES_AT_FIRST;

function namedLayout(value: unknown): NamedLayout | null {
  if (!value || typeof value !== "object") return null;
  const { name, places, cameras } = value as Record<string, unknown>;
  if (typeof name !== "string" || !name.trim() || !isPlaces(places) || !Array.isArray(cameras)) return null;
  const cells = cameras.slice(0, PLACES).map((camera) => (typeof camera === "string" ? camera : null));
  return { name: name.trim().slice(0, NAME_MAX), places, cameras: cells };
}

/** Read what was kept; what is not understood is as at first. */
export function readKept(document: Record<string, unknown>): Kept {
  const { places, named, letters } = document;
  const layouts = Array.isArray(named) ? named : [];
  return {
    places: isPlaces(places) ? places : KEPT_AT_FIRST.places,
    named: Array.from({ length: NAMED_MAX }, (_, at) => namedLayout(layouts[at])),
    letters: letters === "off" ? "off" : "on",
  };
}

export const withNamed = (kept: Kept, at: number, layout: NamedLayout | null): Kept => ({
  ...kept,
  named: kept.named.map((one, where) => (where === at ? layout : one)),
});
