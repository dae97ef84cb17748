/** What follows the end of a media socket. The node decides whether a viewing may go on; this only says whom to ask. */
import type { Cause } from "../api/types";
import { causesFr } from "../i18n/causes";

export interface Closing {
  cause: Cause;
  article: string | null;
}

/** `ended`: told to the person, nothing is asked again. `again`: ask the node for a new ticket. `later`: the same, slowly. */
export type Next = "ended" | "again" | "later";

const CAUSE_OF_CODE: Record<number, Cause> = {
  4401: "ticket",
  4403: "revoked",
  4408: "expired",
  4409: "pre-empted",
  4410: "unread",
  4503: "source-lost",
};

const isCause = (told: unknown): told is Cause => typeof told === "string" && Object.hasOwn(causesFr, told);

export function readClosing(code: number, reason: string): Closing {
  const cause = CAUSE_OF_CODE[code] ?? "socket-lost";
  try {
    const said: unknown = JSON.parse(reason);
    if (said && typeof said === "object") {
      const { cause: told, article } = said as { cause?: unknown; article?: unknown };
      return {
        cause: isCause(told) ? told : cause,
        article: typeof article === "string" ? article : null,
      };
    }
  } catch {
    // Not JSON: the code alone speaks.
  }
  return { cause, article: null };
}

/** The same viewing was taken up by another window: asking again would take it back, and so for ever. */
export const REPLACED: Cause = "replaced";

export function afterClosing(code: number, cause: Cause): Next {
  if (code === 4403 || code === 4409 || cause === REPLACED) return "ended";
  if (code === 4503) return "later";
  return "again";
}

/** Ends that a tile repairs by asking the node again: they are no refusal. */
const REPAIRED = new Set<Cause>([
  "socket-lost",
  "ticket-lapsed",
  "restart",
  "expired",
  "ticket",
  "unread",
  "internal",
  "source-lost",
]);

export function isRepaired(cause: Cause): boolean {
  return REPAIRED.has(cause);
}

/** Return how long to wait before the n-th new try (from 0), in milliseconds. */
export function waitMs(attempt: number, next: Next): number {
  if (next === "later") return 5_000;
  return Math.min(5_000, 150 * 2 ** attempt);
}
