/** Figures, instants and references to texts, as a person reads them. */
import type { Language, Role } from "../api/types";
import type { Messages } from "./fr";
import { shownZone } from "./zone";

const locales: Record<Language, string> = { fr: "fr-FR", en: "en-GB" };
const formats = new Map<string, Intl.DateTimeFormat>();

function format(language: Language, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const zone = shownZone();
  const key = language + zone + JSON.stringify(options);
  let known = formats.get(key);
  if (!known) formats.set(key, (known = new Intl.DateTimeFormat(locales[language], { timeZone: zone, ...options })));
  return known;
}

type When = number | string | Date;
const instant = (when: When) => (when instanceof Date ? when : new Date(when));

/** 04:12 */
export function hourMinute(when: When, language: Language): string {
  return format(language, { hour: "2-digit", minute: "2-digit" }).format(instant(when));
}

/** 04:12:07 */
export function hourMinuteSecond(when: When, language: Language): string {
  return format(language, { hour: "2-digit", minute: "2-digit", second: "2-digit" }).format(instant(when));
}

/** « 1er décembre »: French numbers the first day of a month otherwise. */
const firstDay = (said: string, language: Language) => (language === "fr" ? said.replace(/(^|\s)1(?=\s\p{L})/u, "$11er") : said);

/** mercredi 25 mars */
export function longDay(when: When, language: Language): string {
  return firstDay(format(language, { weekday: "long", day: "numeric", month: "long" }).format(instant(when)), language);
}

/** mercredi 25 mars 2026 */
export function longDate(when: When, language: Language): string {
  return firstDay(format(language, { weekday: "long", day: "numeric", month: "long", year: "numeric" }).format(instant(when)), language);
}

/** 25/03 */
export function shortDay(when: When, language: Language): string {
  return format(language, { day: "2-digit", month: "2-digit" }).format(instant(when));
}

/** 25/03/2026 */
export function fullDay(when: When, language: Language): string {
  return format(language, { day: "2-digit", month: "2-digit", year: "numeric" }).format(instant(when));
}

/** 25/03/2026 04:12 */
export function dayAndTime(when: When, language: Language): string {
  return `${fullDay(when, language)} ${hourMinute(when, language)}`;
}

/** 0,2 s: one decimal under ten seconds, none above. */
export function ageWords(ageMs: number, language: Language, words: Messages): string {
  const seconds = Math.max(0, ageMs) / 1000;
  const decimals = seconds < 9.95 ? 1 : 0;
  const figure = seconds.toLocaleString(locales[language], { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
  return words.secondsOld(figure);
}

/** 14 min: what an operator needs of a duration. */
export function durationWords(durationMs: number, words: Messages): string {
  const minutes = Math.floor(durationMs / 60_000);
  if (minutes < 1) return words.lessThanAMinute;
  if (minutes < 120) return words.minutes(minutes);
  return words.hours(Math.floor(minutes / 60));
}

/** `vda-etat:art-3` → article 3; `csi:L252-4` → CSI L252-4. */
export function articleWords(reference: string, words: Messages): string {
  const [text = "", place = ""] = reference.split(":", 2);
  if (place.startsWith("art-")) return words.article(place.slice(4));
  if (place === "deliberation") return words.deliberation;
  return `${words.acts.lawTexts[text] ?? text.toUpperCase()} ${place}`.trim();
}

export function articlesWords(references: readonly string[], words: Messages): string {
  return words.textsTogether([...new Set(references.map((reference) => articleWords(reference, words)))]);
}

/** Add the articles to a sentence, unless it names each of them already. */
export function withArticles(sentence: string, references: readonly string[], words: Messages): string {
  const named = [...new Set(references.map((reference) => articleWords(reference, words)))];
  if (named.every((text) => sentence.toLowerCase().includes(text.toLowerCase()))) return sentence;
  return `${sentence.replace(/\.$/, "")} (${words.textsTogether(named)}).`;
}

/** CIC, SRPJ et BAC */
export function listWords(words: readonly string[], language: Language): string {
  return new Intl.ListFormat(locales[language], { type: "conjunction" }).format(words);
}

/** The articles after a sentence, as « (article 3) », or nothing where there are none. */
export function inBrackets(references: readonly string[], words: Messages): string {
  return references.length ? ` (${articlesWords(references, words)})` : "";
}

/** Service and pseudonym, once each and in capitals: a pseudonym may begin with its service. */
export function pseudonymWords({ service, pseudonym }: { service: string | null; pseudonym: string }): string {
  const named = (service ?? "").toUpperCase();
  const known = pseudonym.toUpperCase();
  return known.startsWith(named) ? known : `${named} ${known}`;
}

/** A station's name without its service, where that stands beside it: CIC · mur 1 → mur 1. */
export function stationWords(label: string, service: string | null): string {
  const [first = "", ...rest] = label.split(" · ");
  return rest.length && first.toUpperCase() === (service ?? "").toUpperCase() ? rest.join(" · ") : label;
}

/** 6,7 under ten metres, whole ones above. */
export function metresWords(metres: number, language: Language): string {
  const decimals = metres < 10 ? 1 : 0;
  return metres.toLocaleString(locales[language], { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
}

/** `cic` → CIC. */
export function serviceWords(service: string | null, party: string, words: Messages): string {
  return service ? words.names.service(service, party) : partyWords(party, words);
}

export function partyWords(party: string, words: Messages): string {
  return words.names.party(party);
}

/** Opérateur CSU: a role as `party`'s people hold it. */
export function roleWords(role: Role, party: string, words: Messages): string {
  const { room, called, director } = words.names;
  return words.roles[role](room(party), called(party), director(party));
}

/** Every party but `own`, in a sentence, and whether they are several. */
export function partnersWords(own: string, words: Messages): { who: string; many: boolean } {
  const only = words.names.onlyPartner(own);
  return { who: only ?? words.partners, many: only === null };
}
