/** How a viewing and a record of the journal are told. Pure. */
import type { Compared, EventKind, JournalRecord, JournalViewing, Language } from "../../api/types";
import type { Messages } from "../../i18n/fr";
import { fullDay, hourMinuteSecond, partyWords, serviceWords } from "../../i18n/words";

/** 45 s, 11 min, 2 h 05: what a reader needs of how long a viewing lasted. */
export function lastingWords(lengthMs: number, words: Messages): string {
  const seconds = Math.max(0, Math.round(lengthMs / 1000));
  if (seconds < 60) return words.desks.journal.seconds(seconds);
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return words.minutes(minutes);
  return words.desks.journal.hoursMinutes(Math.floor(minutes / 60), String(minutes % 60).padStart(2, "0"));
}

/** 22:03:12 → 22:14:40 (11 min): with the day of the end only where it is another. */
export function spanWords(viewing: JournalViewing, nowMs: number, language: Language, words: Messages): string {
  const { opened_at: opened, ended_at: ended } = viewing;
  const from = hourMinuteSecond(opened, language);
  if (ended === null) return words.desks.journal.fromOn(from, lastingWords(nowMs - Date.parse(opened), words));
  const sameDay = fullDay(opened, language) === fullDay(ended, language);
  const to = `${sameDay ? "" : `${fullDay(ended, language)} `}${hourMinuteSecond(ended, language)}`;
  return words.desks.journal.fromTo(from, to, lastingWords(Date.parse(ended) - Date.parse(opened), words));
}

/** CIC · cic-7Q2M, puis cic-4PPA à 22:10:02; the owner's own agents by their name too. */
export function watchersWords(viewing: JournalViewing, language: Language, words: Messages): string {
  const named = viewing.watchers.map(({ agent, name }) => (name === null ? agent : `${agent} (${name})`));
  const [first, ...others] = viewing.watchers;
  const service = serviceWords(first?.service ?? null, viewing.party, words);
  const reliefs = others.map(({ since }, at) => words.desks.journal.then(named[at + 1] ?? "", hourMinuteSecond(since, language)));
  return `${service} · ${[named[0] ?? "", ...reliefs].join(", ")}`;
}

export const kindWords = (kind: string, words: Messages): string => words.kinds[kind as EventKind] ?? kind;

/** rixe; where it was changed, each version with who gave it and when. */
export function motiveWords(event: NonNullable<JournalViewing["event"]>, language: Language, words: Messages): string {
  if (event.to_come) return words.desks.journal.motiveToCome;
  if (event.erased) return words.desks.journal.motiveErased;
  if (event.motives.length < 2) return event.motive ?? words.desks.journal.noMotive;
  return event.motives
    .map(({ words: given, agent, name, at }) =>
      words.desks.journal.motiveBy(given, name ? `${agent ?? "—"} (${name})` : (agent ?? "—"), `${fullDay(at, language)} ${hourMinuteSecond(at, language)}`),
    )
    .join(" → ");
}

/** Levée de doute · rixe signalée · appel 4512; an event without its motive says so, and whose word it is where another node told it. */
export function eventWords(event: JournalViewing["event"], language: Language, words: Messages): string {
  if (event === null) return "—";
  return [
    kindWords(event.kind, words),
    motiveWords(event, language, words),
    ...(event.of_its_party ? [words.desks.journal.toldByItsParty] : []),
    ...(event.dispatch_number ? [words.desks.journal.callNumber(event.dispatch_number)] : []),
  ].join(" · ");
}

/** Until when the tables that the page was found by were compared with the entries, or why they are not. */
export function comparedWords(compared: Compared, language: Language, words: Messages): string {
  const said = words.desks.journal.compared;
  const moment = (at: string) => `${fullDay(at, language)} ${hourMinuteSecond(at, language)}`;
  const stands = compared.state === "compared" ? said.until(compared.at === null ? "—" : moment(compared.at)) : said[compared.state];
  return compared.mended === null ? stands : `${stands} ${said.mended(compared.mended.rows, moment(compared.mended.at))}`;
}

/** Records whose cause tells an end or a refusal; that of any other tells what was done. */
const WITH_A_CAUSE = new Set(["decision", "ended"]);

/** A record can be of another version of the program: a cause that this one does not know is shown beside its words. */
export function causeWords(kind: string, cause: string, words: Messages): string {
  const told: Record<string, string> = WITH_A_CAUSE.has(kind) ? words.causes : words.recordedActs;
  return told[cause] ?? `${words.causes.unknown} (${cause})`;
}

const text = (value: unknown): string | null => (typeof value === "string" && value !== "" ? value : null);

/** What a record adds in words of its own: an event's motive, the station that was struck off. */
export function recordWords(
  record: JournalRecord,
  stations: Readonly<Record<string, string>>,
  typed: Readonly<Record<string, string>>,
  language: Language,
  words: Messages,
): string {
  const { detail = {} } = record;
  /** What people typed stands beside the record, which names it by its hash. */
  const said = (member: string): string | null => {
    const named = detail[member];
    return typeof named === "object" && named !== null && "sha256" in named ? text(typed[String(named.sha256)]) : null;
  };
  if (record.kind === "station") {
    const label = text(detail["label"]) ?? stations[text(detail["station"]) ?? record.subject?.station ?? ""];
    return label ? words.desks.journal.struckOff(label) : "";
  }
  if (record.kind === "consulted" && record.cause === "resolved") return [text(detail["agent"]), text(detail["act"])].filter(Boolean).join(" · ");
  if (record.kind === "consulted") {
    const moments = [text(detail["from"]), text(detail["to"])].map((at) => (at ? `${fullDay(at, language)} ${hourMinuteSecond(at, language)}` : "…"));
    const what = words.desks.journal.read[text(detail["what"]) ?? ""] ?? "";
    return detail["from"] || detail["to"] ? `${what} ${moments.join(" → ")}`.trim() : what;
  }
  if (record.kind === "event") {
    const number = said("dispatch_number");
    return [said("motive"), number && words.desks.journal.callNumber(number)].filter(Boolean).join(" · ");
  }
  if (record.kind === "handover") return said("words") ?? "";
  return [text(detail["reason"]), text(detail["act"])].filter(Boolean).join(" · ");
}

/** Where the one who acted sat; of a station's own record, before that was written, nobody is known to have sat there. */
export function seatWords(record: JournalRecord, stations: Readonly<Record<string, string>>): string {
  const station = record.subject?.station;
  if (!station || (record.kind === "station" && record.detail?.["station"] === undefined)) return "—";
  return stations[station] ?? station;
}

export function serviceOfRecord(record: JournalRecord, words: Messages): string {
  const { subject } = record;
  if (!subject) return "—";
  const party = partyWords(subject.party, words);
  return subject.service ? `${party} · ${serviceWords(subject.service, subject.party, words)}` : party;
}
