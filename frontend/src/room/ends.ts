/** Why a picture ended, and what follows from it. Pure; which cause ended it comes from the node alone. */
import type { Cause } from "../api/types";

/** Ends that somebody on one's own side brought about on purpose: nothing is wrong. */
const ORDINARY = new Set<Cause>(["event-closed", "closed", "session-ended", "replaced"]);

export type Weight = "ordinary" | "grave";

export const weightOf = (cause: Cause): Weight => (ORDINARY.has(cause) ? "ordinary" : "grave");

/** What the node says now, of what may have ended a picture. */
export interface Standing {
  suspended: boolean;
  withdrawn: boolean;
  slotsFull: boolean;
}

/** Return whether what ended a picture still stands; null where nothing here tells. */
export function causeStands(cause: Cause, now: Standing): boolean | null {
  switch (cause) {
    case "suspended": return now.suspended;
    case "authorisation-withdrawn": return now.withdrawn;
    case "pre-empted": return now.slotsFull;
    default: return null;
  }
}

/**
 * Follows one cause until it is gone. The end of a picture may be told before its cause is: only a cause that was seen to
 * stand can be gone.
 */
export class CauseWatch {
  #seen = false;
  goneAtMs: number | null = null;

  take(stands: boolean | null, nowMs: number): number | null {
    if (stands === true) {
      this.#seen = true;
      this.goneAtMs = null;
    } else if (stands === false && this.#seen) this.goneAtMs ??= nowMs;
    return this.goneAtMs;
  }
}
