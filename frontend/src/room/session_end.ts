/** How near a session's end is. It never comes without having been said. Pure; times in milliseconds. */

const TOLD_MS = 60 * 60_000;
const NEAR_MS = 15 * 60_000;

/** `far`: not worth a word · `told`: in grey · `near`: in amber · `over`. */
export type SessionStage = "far" | "told" | "near" | "over";

export function sessionStage(endsAtMs: number, nowMs: number): SessionStage {
  const left = endsAtMs - nowMs;
  if (left <= 0) return "over";
  if (left <= NEAR_MS) return "near";
  return left <= TOLD_MS ? "told" : "far";
}
