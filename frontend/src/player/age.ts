/** How old a picture is, and what that makes of its tile. Times in milliseconds. */

export const LATE_MS = 1_000;
export const FROZEN_MS = 3_000;

/** How long a sample of another clock is believed, and how many are kept. */
const SAMPLE_MS_MAX = 60_000;
const SAMPLES_KEPT = 64;

/**
 * How far another clock is ahead of this machine's. A message takes time to come, so each sample is at most
 * the truth: the greatest of the last few is the nearest to it.
 */
export class ClockOffset {
  #samples: { offsetMs: number; receivedMs: number }[] = [];
  /** Milliseconds to add to this machine's clock to read theirs. */
  ms = 0;

  take(theirNowMs: number, receivedMs: number): void {
    this.#samples.push({ offsetMs: theirNowMs - receivedMs, receivedMs });
    this.#samples = this.#samples
      .filter((sample) => Math.abs(receivedMs - sample.receivedMs) <= SAMPLE_MS_MAX)
      .slice(-SAMPLES_KEPT);
    this.ms = Math.max(...this.#samples.map((sample) => sample.offsetMs));
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
