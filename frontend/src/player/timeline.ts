/** One timeline a tile: it never runs backwards, whatever the camera's does, and knows when each picture was captured. */
import type { Chunk } from "./boxes";

const BACKWARDS_US = 2_000_000;
const JUMP_US = 10_000_000;
const KEPT = 600;

interface Placed {
  timeUs: number;
  capturedUnixMs: number;
}

export class Timeline {
  #baseUs: number | null = null;
  #lastUs = 0;
  #placed: Placed[] = [];

  /** What to add to the track's own time, in microseconds. */
  get baseUs(): number {
    return this.#baseUs ?? 0;
  }

  /** Place a chunk; return its time in microseconds from the tile's first picture. */
  place(chunk: Chunk, timescale: number): number {
    const ownUs = Math.round((chunk.presentationTime / timescale) * 1e6);
    const durationUs = Math.round((chunk.duration / timescale) * 1e6) || 40_000;
    if (this.#baseUs === null) this.#baseUs = -ownUs;
    let timeUs = ownUs + this.#baseUs;
    if (timeUs < this.#lastUs - BACKWARDS_US || timeUs > this.#lastUs + JUMP_US) {
      this.#baseUs = this.#lastUs + durationUs - ownUs;
      timeUs = ownUs + this.#baseUs;
    }
    this.#lastUs = Math.max(this.#lastUs, timeUs);
    if (chunk.capturedUnixMs !== null) {
      this.#placed.push({ timeUs, capturedUnixMs: chunk.capturedUnixMs });
      if (this.#placed.length > KEPT) this.#placed.splice(0, this.#placed.length - KEPT / 2);
    }
    return timeUs;
  }

  /** Return when the picture shown at `timeUs` was captured, or null where nothing near it is known. */
  capturedAt(timeUs: number, toleranceUs = 20_000): number | null {
    let nearest: Placed | null = null;
    for (let i = this.#placed.length - 1; i >= 0; i--) {
      const placed = this.#placed[i] as Placed;
      if (!nearest || Math.abs(placed.timeUs - timeUs) < Math.abs(nearest.timeUs - timeUs)) nearest = placed;
      if (placed.timeUs < timeUs - BACKWARDS_US) break;
    }
    return nearest && Math.abs(nearest.timeUs - timeUs) <= toleranceUs ? nearest.capturedUnixMs : null;
  }
}
