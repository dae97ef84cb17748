/** How old a picture is, and what that makes of its tile. Times in milliseconds. */
import type { Cause } from "../api/types";

/** Below it a picture is simply live: its figure would only flicker. */
export const DIRECT_MS = 500;
export const LATE_MS = 1_000;
export const FROZEN_MS = 3_000;

/** A figure that is read changes no more often than this. */
const READ_MS = 1_000;

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

/** How an age is told: not at all, as a figure, as a delay. */
export type AgeBand = "direct" | "recent" | "late" | "frozen";

export function ageBand(ageMs: number): AgeBand {
  if (ageMs > FROZEN_MS) return "frozen";
  if (ageMs > LATE_MS) return "late";
  return ageMs >= DIRECT_MS ? "recent" : "direct";
}

/** The age as it is read on a tile: once a second, and at once where it has become late or frozen. */
export class ReadAge {
  #atMs = -Infinity;
  ageMs: number | null = null;

  /** Take the true age; return the one to show. */
  take(ageMs: number | null, nowMs: number): number | null {
    const worse = ageMs !== null && this.ageMs !== null && ageMs > LATE_MS && ageBand(ageMs) !== ageBand(this.ageMs);
    const changed = (ageMs === null) !== (this.ageMs === null);
    if (worse || changed || Math.abs(nowMs - this.#atMs) >= READ_MS) {
      this.ageMs = ageMs;
      this.#atMs = nowMs;
    }
    return this.ageMs;
  }
}

export type TileState = "opening" | "live" | "late" | "frozen" | "lost" | "suspended" | "ended";

export interface Watched {
  ageMs: number | null;
  source: "ok" | "lost";
  /** Why the viewing ended, as the node or the relay says it; null while it runs. */
  ended: { cause: Cause } | null;
}

/** Say what a tile shows. The picture's own age rules, as long as there is one. */
export function tileState({ ageMs, source, ended }: Watched): TileState {
  if (ended) return ended.cause === "suspended" ? "suspended" : "ended";
  if (ageMs === null) return source === "lost" ? "lost" : "opening";
  if (ageMs > FROZEN_MS) return "frozen";
  if (ageMs > LATE_MS) return "late";
  return "live";
}
