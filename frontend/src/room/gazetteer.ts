/** The names that the map's ground carries (streets, parks, waters, sectors), to be found by words. Pure. */
import type { GroundCollection } from "../api/types";
import { isHouseNumber, plain } from "./inventory";

type Point = readonly [number, number];

export interface Place {
  name: string;
  kind: "road" | "water" | "green" | "building" | "sector";
  /** Longitude and latitude; many for a street, so that what is near any part of it is found. */
  points: Point[];
}

/** A street of few bends still has cameras between them: points this near to each other, in degrees (some 30 m). */
const STEP_DEG = 0.0003;
const STEPS_MAX = 40;

const isPoint = (value: unknown): value is Point => Array.isArray(value) && typeof value[0] === "number" && typeof value[1] === "number";

/** Return every point of a geometry, whatever its depth, with points between those that follow each other. */
function pointsOf(coordinates: unknown): Point[] {
  if (isPoint(coordinates)) return [coordinates];
  if (!Array.isArray(coordinates)) return [];
  if (!coordinates.every(isPoint)) return coordinates.flatMap(pointsOf);
  return coordinates.flatMap((to, at) => {
    const from = coordinates[at - 1] as Point | undefined;
    if (!from) return [to];
    const steps = Math.min(STEPS_MAX, Math.ceil(Math.hypot(to[0] - from[0], to[1] - from[1]) / STEP_DEG));
    return Array.from({ length: Math.max(1, steps) }, (_, step): Point => {
      const part = (step + 1) / Math.max(1, steps);
      return [from[0] + (to[0] - from[0]) * part, from[1] + (to[1] - from[1]) * part];
    });
  });
}

export class Gazetteer {
  #places: { place: Place; words: string }[];

  constructor(ground: GroundCollection | null) {
    const byName = new Map<string, Place>();
    for (const { geometry, properties } of ground?.features ?? []) {
      const { name, kind } = properties;
      if (!name) continue;
      const place = byName.get(name) ?? { name, kind, points: [] };
      place.points.push(...pointsOf(geometry.coordinates));
      byName.set(name, place);
    }
    this.#places = [...byName.values()].map((place) => ({ place, words: ` ${plain(place.name)}` }));
  }

  /** Return the places whose name holds every typed word at the start of one of its own, a house's number left out. */
  search(typed: string, count_max: number): Place[] {
    const wanted = plain(typed).split(" ").filter((word) => word && !isHouseNumber(word));
    if (!wanted.length || wanted.join("").length < 2) return [];
    const found = this.#places.filter(({ words }) => wanted.every((word) => words.includes(` ${word}`)));
    return found.toSorted((a, b) => a.words.length - b.words.length || a.words.localeCompare(b.words)).slice(0, count_max).map(({ place }) => place);
  }
}
