/** A time typed on a screen is the parties' wall clock, wherever the workstation believes to be. */
import { shownZone } from "./zone";

let parts = clock(shownZone());

function clock(timeZone: string): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat("en-CA", {
    timeZone, hourCycle: "h23",
    year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit",
  });
}

/** What the parties' clock shows at an instant, as if it were UTC; milliseconds. */
function shownMs(instantMs: number): number {
  if (parts.resolvedOptions().timeZone !== shownZone()) parts = clock(shownZone());
  const read: Record<string, number> = {};
  for (const { type, value } of parts.formatToParts(instantMs)) read[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = read;
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

/**
 * Return the instant of `2026-03-28T23:30` on the parties' clock, with its offset; null where it is no date. An hour that
 * comes twice is the first; an hour that never comes is moved on by what the clock leaps.
 */
export function instantOf(typed: string): string | null {
  const wantedMs = Date.parse(`${typed}Z`);
  if (Number.isNaN(wantedMs)) return null;
  // The offset before the wanted hour counts first: of an hour that comes twice it gives the earlier.
  const before = shownMs(wantedMs - 86_400_000) - (wantedMs - 86_400_000);
  const after = shownMs(wantedMs + 86_400_000) - (wantedMs + 86_400_000);
  const found = [before, after].find((offsetMs) => shownMs(wantedMs - offsetMs) === wantedMs);
  const instantMs = wantedMs - (found ?? before);
  const offsetMin = Math.round((shownMs(instantMs) - instantMs) / 60_000);
  const two = (figure: number) => String(figure).padStart(2, "0");
  return `${new Date(shownMs(instantMs)).toISOString().slice(0, 19)}+${two(Math.floor(offsetMin / 60))}:${two(offsetMin % 60)}`;
}

/** `2026-03-28T23:30`: an instant on the parties' clock, as a field for dates takes it. */
export function typedOf(instantMs: number): string {
  return new Date(shownMs(instantMs)).toISOString().slice(0, 16);
}
