/** One's own viewings that no tile of this window shows: another window, or another station, does. Pure. */
import type { Viewing } from "../api/types";

/** A viewing is told by the node before its tile knows of it, and after it was closed: what lasts as long is neither. */
const AFTER_MS = 3_000;

export class Elsewhere {
  #sinceMs = new Map<string, number>();

  /** Return those of `unseen`, one's own without a tile, that have been so for a while. */
  take(unseen: readonly Viewing[], nowMs: number): Viewing[] {
    this.#sinceMs = new Map(unseen.map(({ id }) => [id, this.#sinceMs.get(id) ?? nowMs]));
    return unseen.filter(({ id }) => nowMs - (this.#sinceMs.get(id) ?? nowMs) >= AFTER_MS);
  }
}
