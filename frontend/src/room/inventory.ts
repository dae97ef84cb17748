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

interface Entry {
  camera: Camera;
  number: string;
  words: string;
  nameWords: number;
}

/** Lower case, without accents or punctuation: what is typed at night is not spelt. */
export function plain(text: string): string {
  return text
    .normalize("NFD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, " ")
    .trim();
}

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
      const words = ` ${plain(`${camera.number} ${camera.name} ${camera.street} ${camera.sector} ${camera.id}`)}`;
      this.#entries.push({ camera, number: String(camera.number), words, nameWords: plain(camera.name).split(" ").length });
    }
  }

  byId(id: string): Camera | null {
    return this.#byId.get(id) ?? null;
  }

  byNumber(number: number): Camera | null {
    return this.#byNumber.get(number) ?? null;
  }

  /**
   * Return the cameras that hold every typed word at the start of one of theirs. A number that begins so comes first,
   * then the names that hold no word more.
   */
  search(typed: string, count_max = 50): Camera[] {
    const wanted = plain(typed).split(" ").filter(Boolean);
    if (!wanted.length) return this.cameras.slice(0, count_max);
    const only = wanted.length === 1 ? (wanted[0] as string) : null;
    const ranks: Camera[][] = [[], [], [], []];
    for (const { camera, number, words, nameWords } of this.#entries) {
      if (only !== null && number === only) ranks[0]?.push(camera);
      else if (only !== null && number.startsWith(only)) ranks[1]?.push(camera);
      else if (wanted.every((word) => words.includes(` ${word}`))) ranks[nameWords === wanted.length ? 2 : 3]?.push(camera);
    }
    return ranks.flat().slice(0, count_max);
  }

  /** Return the camera nearest to a place, or null where there is none at all. */
  nearest(lon: number, lat: number): Camera | null {
    const narrowing = Math.cos((lat * Math.PI) / 180);
    let best: Camera | null = null;
    let bestSquare = Infinity;
    for (const camera of this.cameras) {
      const square = ((camera.lon - lon) * narrowing) ** 2 + (camera.lat - lat) ** 2;
      if (square < bestSquare) [best, bestSquare] = [camera, square];
    }
    return best;
  }
}
