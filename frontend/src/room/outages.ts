/**
 * Cameras lost and found again, as a room reads them: by sector, one outage that is written on until all are back. What
 * comes and goes within five seconds is no news. Pure; times in milliseconds.
 */
import type { CameraState, SourceCause } from "../api/types";

/** A change that does not last as long is not told. */
export const SETTLED_MS = 5_000;
/** What a sector loses less than this after its last outage began belongs to that one. */
const SAME_MS = 600_000;

export interface LostCamera {
  camera: string;
  /** Null where it was lost before this screen was opened. */
  lostAtMs: number | null;
  backAtMs: number | null;
  /** Why, where the node says. */
  cause: SourceCause | null;
}

export interface Outage {
  id: number;
  sector: string;
  /** How many cameras the sector has in all. */
  of: number;
  beganAtMs: number;
  cameras: readonly LostCamera[];
}

interface Heard {
  told: "ok" | "lost";
  now: "ok" | "lost";
  sinceMs: number;
  cause: SourceCause | null;
  causeTold: SourceCause | null;
}

export interface Sectors {
  sectorOf(camera: string): string;
  count(sector: string): number;
}

const plainState = (state: CameraState): "ok" | "lost" => (state === "lost" ? "lost" : "ok");

export const stillLost = ({ cameras }: Outage): LostCamera[] => cameras.filter(({ backAtMs }) => backAtMs === null);

export class Outages {
  #sectors: Sectors;
  #heard = new Map<string, Heard>();
  #newest = new Map<string, Outage>();
  #count = 0;

  constructor(sectors: Sectors) {
    this.#sectors = sectors;
  }

  /** What each camera's state is when the screen opens: nothing happened then. */
  begin(states: ReadonlyMap<string, CameraState>): void {
    for (const [camera, state] of states) {
      const now = plainState(state);
      this.#heard.set(camera, { told: now, now, sinceMs: 0, cause: null, causeTold: null });
    }
  }

  hear(camera: string, state: CameraState, nowMs: number, cause: SourceCause | null = null): void {
    const now = plainState(state);
    const heard = this.#heard.get(camera) ?? { told: "ok", now: "ok", sinceMs: nowMs, cause: null, causeTold: null };
    this.#heard.set(camera, { ...heard, cause, ...(now === heard.now ? {} : { now, sinceMs: nowMs }) });
  }

  /** Return the outages that began, or changed, since last asked. */
  settle(nowMs: number): Outage[] {
    const changed = new Set<string>();
    for (const [camera, heard] of this.#heard) {
      const sector = this.#sectors.sectorOf(camera);
      const outage = heard.now === heard.told ? this.#explained(sector, camera, heard) : this.#turned(sector, camera, heard, nowMs);
      if (!outage) continue;
      heard.told = heard.now;
      heard.causeTold = heard.cause;
      this.#newest.set(sector, outage);
      changed.add(sector);
    }
    return [...changed].flatMap((sector) => this.#newest.get(sector) ?? []);
  }

  #turned(sector: string, camera: string, { now, sinceMs, cause }: Heard, nowMs: number): Outage | null {
    if (nowMs - sinceMs < SETTLED_MS) return null;
    return now === "lost" ? this.#lost(sector, camera, sinceMs, cause) : this.#found(sector, camera, sinceMs);
  }

  /** A camera that is lost still, for another cause than the line says. */
  #explained(sector: string, camera: string, { now, cause, causeTold }: Heard): Outage | null {
    const newest = this.#newest.get(sector);
    if (now !== "lost" || cause === causeTold || !newest?.cameras.some((one) => one.camera === camera)) return null;
    return { ...newest, cameras: newest.cameras.map((one) => (one.camera === camera ? { ...one, cause } : one)) };
  }

  #lost(sector: string, camera: string, atMs: number, cause: SourceCause | null): Outage {
    const newest = this.#newest.get(sector);
    const lost: LostCamera = { camera, lostAtMs: atMs, backAtMs: null, cause };
    if (!newest || (!stillLost(newest).length && atMs - newest.beganAtMs >= SAME_MS)) return this.#begun(sector, atMs, lost);
    return { ...newest, cameras: [...newest.cameras.filter((one) => one.camera !== camera), lost] };
  }

  #found(sector: string, camera: string, atMs: number): Outage {
    const newest = this.#newest.get(sector);
    if (!newest?.cameras.some((one) => one.camera === camera)) {
      const found: LostCamera = { camera, lostAtMs: null, backAtMs: atMs, cause: null };
      return newest ? { ...newest, cameras: [...newest.cameras, found] } : this.#begun(sector, atMs, found);
    }
    return { ...newest, cameras: newest.cameras.map((one) => (one.camera === camera ? { ...one, backAtMs: atMs } : one)) };
  }

  #begun(sector: string, atMs: number, camera: LostCamera): Outage {
    this.#count += 1;
    return { id: this.#count, sector, of: this.#sectors.count(sector), beganAtMs: atMs, cameras: [camera] };
  }
}
