/** How old a picture is, and what that makes of its tile. Times in milliseconds. */

export const LATE_MS = 1_000;
export const FROZEN_MS = 3_000;

const SAMPLES_KEPT = 12;

/**
 * How far another clock is ahead of this machine's. A message takes time to come, so each sample is at most
 * the truth: the greatest of the last few is the nearest to it.
 */
export class ClockOffset {
  #samples: number[] = [];

  take(theirNowMs: number, receivedMs: number): void {
    this.#samples.push(theirNowMs - receivedMs);
    if (this.#samples.length > SAMPLES_KEPT) this.#samples.shift();
  }

  get known(): boolean {
    return this.#samples.length > 0;
  }

  /** Milliseconds to add to this machine's clock to read theirs. */
  get ms(): number {
    return this.#samples.length ? Math.max(...this.#samples) : 0;
  }
}

export type TileState = "opening" | "live" | "late" | "frozen" | "lost" | "suspended" | "ended";

export interface Watched {
  ageMs: number | null;
  source: "ok" | "lost";
  /** Why the viewing ended, as the node or the relay says it; null while it runs. */
  ended: { cause: string } | null;
}

/** Say what a tile shows. The picture's own age rules, as long as there is one. */
export function tileState({ ageMs, source, ended }: Watched): TileState {
  if (ended) return ended.cause === "suspended" ? "suspended" : "ended";
  if (ageMs === null) return source === "lost" ? "lost" : "opening";
  if (ageMs > FROZEN_MS) return "frozen";
  if (ageMs > LATE_MS) return "late";
  return "live";
}
