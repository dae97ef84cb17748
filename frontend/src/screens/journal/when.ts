/** A time as a person types it, on the parties' wall clock, and the times that are asked for most. Pure. */
import { instantOf, typedOf } from "../../i18n/wall_clock";

const DAY_MS = 86_400_000;
const NIGHT_BEGINS_H = 20;
const NIGHT_ENDS_H = 8;

const DAY = /^(\d{1,2})[/.-](\d{1,2})(?:[/.-](\d{4}))?$/;
const ISO_DAY = /^(\d{4})-(\d{1,2})-(\d{1,2})$/;
const HOUR = /^(\d{1,2})(?:(?:[:hH](\d{2}))(?::(\d{2}))?|[hH])$/;

export interface Period {
  from: string;
  to: string;
}

const two = (figure: number | string) => String(figure).padStart(2, "0");

/** What the parties' clock shows at an instant: `2026-07-14`. */
const dayOf = (instantMs: number) => typedOf(instantMs).slice(0, 10);

/**
 * Return the instant, with its offset, of `14/07/2026 22:00`, `14/07 22h`, `22:15`, `14/07/2026` or `2026-07-14 22:00`;
 * null where it is no time. A day without its year, and an hour without its day, are the last that were, or the next
 * that will be.
 */
export function instantTyped(typed: string, nowMs: number, unsaid: "last" | "next" = "last"): string | null {
  const [first = "", second = "", ...more] = typed.trim().replace(/[T,]/, " ").split(/\s+/);
  if (more.length || first === "") return null;
  const day = spelt(first, nowMs, unsaid);
  if (day === null && second !== "") return null;
  const hour = hourTyped(day === null ? first : second === "" ? "00:00" : second);
  if (hour === null) return null;
  if (day !== null) return real(`${day}T${hour}`);
  const today = real(`${dayOf(nowMs)}T${hour}`);
  if (today === null) return null;
  const past = Date.parse(today) <= nowMs;
  if (unsaid === "next") return past ? real(`${dayOf(nowMs + DAY_MS)}T${hour}`) : today;
  return past ? today : real(`${dayOf(nowMs - DAY_MS)}T${hour}`);
}

/**
 * Return the day that is typed, as `2026-07-14`; null where it is none. A day without its year is the last that was, or
 * the next that will be.
 */
export function dayTyped(typed: string, nowMs: number, unsaid: "last" | "next" = "last"): string | null {
  const day = spelt(typed, nowMs, unsaid);
  return day !== null && real(`${day}T00:00:00`) !== null ? day : null;
}

function spelt(typed: string, nowMs: number, unsaid: "last" | "next"): string | null {
  const iso = ISO_DAY.exec(typed);
  if (iso) return `${iso[1]}-${two(iso[2] ?? "")}-${two(iso[3] ?? "")}`;
  const found = DAY.exec(typed);
  if (!found) return null;
  const [, day = "", month = "", year] = found;
  if (year) return `${year}-${two(month)}-${two(day)}`;
  const thisYear = Number(dayOf(nowMs).slice(0, 4));
  const dated = `${thisYear}-${two(month)}-${two(day)}`;
  if (unsaid === "next") return dated < dayOf(nowMs) ? `${thisYear + 1}-${two(month)}-${two(day)}` : dated;
  return dated > dayOf(nowMs) ? `${thisYear - 1}-${two(month)}-${two(day)}` : dated;
}

function hourTyped(typed: string): string | null {
  const found = HOUR.exec(typed);
  if (!found) return null;
  const [, hour = "", minute = "00", second = "00"] = found;
  if (Number(hour) > 24 || Number(minute) > 59 || Number(second) > 59) return null;
  return `${two(hour)}:${minute}:${second}`;
}

/** The 31st of a month of thirty days, and 24:30, are no times. */
function real(typed: string): string | null {
  const [day = "", hour = ""] = typed.split("T");
  const endOfDay = hour === "24:00:00";
  if (hour.startsWith("24") && !endOfDay) return null;
  const noon = Date.parse(`${day}T12:00:00Z`);
  if (Number.isNaN(noon) || new Date(noon).toISOString().slice(0, 10) !== day) return null;
  return endOfDay ? instantOf(`${new Date(noon + DAY_MS).toISOString().slice(0, 10)}T00:00:00`) : instantOf(typed);
}

/** `14/07/2026 22:03`: an instant as a field shows it. */
export function shownTyped(instantMs: number): string {
  const [day = "", hour = ""] = typedOf(instantMs).split("T");
  const [year, month, date] = day.split("-");
  return `${date}/${month}/${year} ${hour}`;
}

export const lastHour = (nowMs: number): Period => ({ from: shownTyped(nowMs - 3_600_000), to: "" });

export function today(nowMs: number): Period {
  const midnight = instantOf(`${dayOf(nowMs)}T00:00`);
  return { from: midnight === null ? "" : shownTyped(Date.parse(midnight)), to: "" };
}

/** The night that runs, else the last one: from eight in the evening to eight in the morning. */
export function tonight(nowMs: number): Period {
  const runs = Number(typedOf(nowMs).slice(11, 13)) >= NIGHT_BEGINS_H;
  const begins = instantOf(`${dayOf(runs ? nowMs : nowMs - DAY_MS)}T${two(NIGHT_BEGINS_H)}:00`);
  const ends = instantOf(`${dayOf(runs ? nowMs + DAY_MS : nowMs)}T${two(NIGHT_ENDS_H)}:00`);
  if (begins === null || ends === null) return { from: "", to: "" };
  return { from: shownTyped(Date.parse(begins)), to: Date.parse(ends) > nowMs ? "" : shownTyped(Date.parse(ends)) };
}
