/** The whole authorised inventory in memory: by id, by number, by words, by place. */
import type { CameraCollection, CameraFeature } from "../api/types";

export interface Camera {
  id: string;
  number: number;
  name: string;
  sector: string;
  street: string;
  ptz: boolean;
  lon: number;
  lat: number;
  headingDeg: number | null;
  fovDeg: number | null;
  rangeM: number | null;
  /** Pixels across at its finest, where the inventory says. */
  widthPx: number | null;
  owner: string;
  commune: string;
  zone: string;
  cameraClass: string;
  authorisedUntil: string | null;
}

/** A camera's words as they are looked for, each field with a space before every word of it. */
interface Entry {
  camera: Camera;
  number: string;
  name: string;
  nameAndStreet: string;
  all: string;
  nameWords: number;
}

/** How well a camera answers what was typed, the best first; what a place's name stands between. */
const RANKS = ["number", "number-begins", "name-begins", "name", "street", "sector"] as const;
export type Rank = (typeof RANKS)[number];

/** Lower case, without accents or punctuation: what is typed at night is not spelt. */
export function plain(text: string): string {
  return text
    .normalize("NFD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, " ")
    .trim();
}

/** 12, 12b, bis: what stands before a street's name and no camera has. */
export const isHouseNumber = (word: string): boolean => /^\d|^(bis|ter|quater)$/.test(word);

function read({ geometry, properties: p }: CameraFeature): Camera {
  return {
    id: p.id,
    number: p.number,
    name: p.name,
    sector: p.sector ?? "",
    street: p.street ?? "",
    ptz: p.ptz,
    lon: geometry.coordinates[0],
    lat: geometry.coordinates[1],
    headingDeg: p.heading_deg,
    fovDeg: p.fov_deg,
    rangeM: p.range_m,
    widthPx: p.width_px,
    owner: p.owner,
    commune: p.commune,
    zone: p.zone,
    cameraClass: p.class,
    authorisedUntil: p.authorised_until,
  };
}

export class Inventory {
  readonly cameras: readonly Camera[];
  #byId = new Map<string, Camera>();
  #byNumber = new Map<number, Camera>();
  #entries: Entry[] = [];

  constructor(collection: CameraCollection) {
    this.cameras = collection.features.map(read).sort((a, b) => a.number - b.number);
    for (const camera of this.cameras) {
      this.#byId.set(camera.id, camera);
      this.#byNumber.set(camera.number, camera);
      const name = ` ${plain(camera.name)}`;
      const nameAndStreet = `${name} ${plain(camera.street)}`;
      const all = `${nameAndStreet} ${plain(`${camera.sector} ${camera.number} ${camera.id}`)}`;
      this.#entries.push({ camera, number: String(camera.number), name, nameAndStreet, all, nameWords: name.split(" ").length - 1 });
    }
  }

  byId(id: string): Camera | null {
    return this.#byId.get(id) ?? null;
  }

  byNumber(number: number): Camera | null {
    return this.#byNumber.get(number) ?? null;
  }

  /**
   * Return the cameras that hold every typed word at the start of one of theirs: by number, then by name, street, sector.
   * The number of a house, which no camera has, is left out where nothing matches with it.
   */
  search(typed: string, count_max = 50): Camera[] {
    return this.found(typed).slice(0, count_max).map(({ camera }) => camera);
  }

  /** Return every camera that answers what was typed, the best first, with how well it does. */
  found(typed: string): { camera: Camera; rank: Rank }[] {
    const wanted = plain(typed).split(" ").filter(Boolean);
    if (!wanted.length) return this.cameras.map((camera) => ({ camera, rank: "sector" as const }));
    const found = this.#ranked(wanted);
    if (found.length || wanted.length === 1) return found;
    const words = wanted.filter((word) => !isHouseNumber(word));
    return words.length && words.length < wanted.length ? this.#ranked(words) : found;
  }

  #ranked(wanted: readonly string[]): { camera: Camera; rank: Rank }[] {
    const ranks: Record<Rank, Entry[]> = { number: [], "number-begins": [], "name-begins": [], name: [], street: [], sector: [] };
    for (const entry of this.#entries) {
      const rank = rankOf(entry, wanted);
      if (rank) ranks[rank].push(entry);
    }
    // A name that holds no word more was meant before the longer ones.
    return RANKS.flatMap((rank) => ranks[rank].toSorted((a, b) => a.nameWords - b.nameWords).map(({ camera }) => ({ camera, rank })));
  }

  /** Return the camera nearest to a place, or null where there is none at all. */
  nearest(lon: number, lat: number): Camera | null {
    let best: Camera | null = null;
    let bestMetres = Infinity;
    for (const camera of this.cameras) {
      const metres = metresBetween(camera, [lon, lat]);
      if (metres < bestMetres) [best, bestMetres] = [camera, metres];
    }
    return best;
  }

  /** Return the cameras nearest to the points of a street or a place, with how far each is, in metres. */
  nearby(points: readonly (readonly [number, number])[], count: number): { camera: Camera; metres: number }[] {
    return this.cameras
      .map((camera) => ({ camera, metres: Math.min(...points.map((point) => metresBetween(camera, point))) }))
      .sort((a, b) => a.metres - b.metres)
      .slice(0, count);
  }
}

function rankOf({ number, name, nameAndStreet, all }: Entry, wanted: readonly string[]): Rank | null {
  const [first = ""] = wanted;
  if (wanted.length === 1 && number === first) return "number";
  if (wanted.length === 1 && number.startsWith(first)) return "number-begins";
  const holds = (words: string) => wanted.every((word) => words.includes(` ${word}`));
  if (!holds(all)) return null;
  if (!holds(nameAndStreet)) return "sector";
  if (!holds(name)) return "street";
  return name.startsWith(` ${first}`) ? "name-begins" : "name";
}

const METRES_PER_DEGREE = 111_320;

function metresBetween({ lon, lat }: Camera, [otherLon, otherLat]: readonly [number, number]): number {
  const narrowing = Math.cos((lat * Math.PI) / 180);
  return METRES_PER_DEGREE * Math.hypot((lon - otherLon) * narrowing, lat - otherLat);
}
