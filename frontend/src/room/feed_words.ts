/** The lines of the owner's feed, as they are read. Pure. */
import type { Language, SourceCause } from "../api/types";
import { causesInShort } from "../i18n/cause_words";
import type { Messages } from "../i18n/fr";
import { hourMinute, inBrackets, serviceWords } from "../i18n/words";
import type { Happening } from "./feed";
import { stillLost, type LostCamera, type Outage } from "./outages";

const NUMBERS_MAX = 8;

export interface Town {
  /** A camera's number and name; the id where it is not known. */
  number: (id: string) => string;
  named: (id: string) => string;
  /** Everybody else whom the conventions bind, as a sentence names them. */
  partners: string;
}

/** Whether a line tells of something that stands: it then carries a shape. */
export type Alarm = "none" | "stop" | "watch";

export function alarmOf(happening: Happening): Alarm {
  switch (happening.what) {
    case "suspended": return "stop";
    case "outage": return stillLost(happening.outage).length ? "stop" : "none";
    case "restarted": return "watch";
    case "room": return happening.turn === "withdrawn" ? "stop" : happening.turn === "inactive" ? "watch" : "none";
    default: return "none";
  }
}

export function feedWords(happening: Happening, town: Town, language: Language, words: Messages): string {
  const said = words.room;
  const who = ({ service, party }: { service: string | null; party: string }) => serviceWords(service, party, words);
  const numbers = (ids: string[]) => ids.slice(0, NUMBERS_MAX).map(town.number).join(", ") + (ids.length > NUMBERS_MAX ? "…" : "");
  switch (happening.what) {
    case "opened": {
      const kind = happening.kind ? said.feedFor(words.kinds[happening.kind].toLocaleLowerCase(language)) : "";
      return said.feedOpened(who(happening.by), happening.cameras.length, numbers(happening.cameras), kind);
    }
    case "ended": {
      const { by, cause, cameras, articles } = happening;
      if (cause === "closed") return said.feedClosed(who(by), cameras.length, numbers(cameras));
      if (cause === "session-ended") return said.feedLeft(who(by), cameras.length);
      if (cause === "event-closed") return said.feedEventClosed(who(by), cameras.length);
      return said.feedEnded(words.causes[cause], who(by), cameras.length, numbers(cameras), inBrackets(articles, words));
    }
    case "taken":
      return said.feedTaken(words.names.service(happening.by, happening.from.party), who(happening.from), happening.cameras.length, numbers(happening.cameras), inBrackets(happening.articles, words));
    case "suspended": return words.feedSuspended(town.number(happening.camera), words.grounds[happening.ground].toLocaleLowerCase(language));
    case "lifted": return words.feedLifted(town.number(happening.camera));
    case "event": return said.feedEventOpened(words.kinds[happening.event.kind].toLocaleLowerCase(language), happening.event.opened_by);
    case "event-closed": return said.feedEventEnded(words.kinds[happening.event.kind].toLocaleLowerCase(language), happening.event.opened_by);
    case "outage": return outageWords(happening.outage, town, language, words);
    case "restarted": return said.feedRestarted(happening.takenUp, happening.viewings);
    case "room": return said.feedTurns[happening.turn](town.partners);
    case "steering": return words.steering.feed[happening.turn](who(happening.by), numbers(happening.cameras));
    case "look": return words.steering.feedLook[happening.turn](who(happening.by), happening.camera === null ? words.steering.aPlace : town.number(happening.camera));
    case "hours": return happening.varied ? said.feedHours(happening.varied.day, happening.varied.open, happening.varied.close) : said.feedUsualHours;
  }
}

/** « 14 / 22 caméras, Pont-de-Bois : perdues 00:14 (mot de passe refusé), toutes revenues 00:15 » */
function outageWords(outage: Outage, town: Town, language: Language, words: Messages): string {
  const said = words.room;
  const at = (ms: number) => hourMinute(ms, language);
  const [first] = outage.cameras;
  if (outage.cameras.length === 1 && first) return oneWords(first, town.named(first.camera), at, language, words);
  const still = stillLost(outage).length;
  const why = because((still ? stillLost(outage) : outage.cameras).map(({ cause }) => cause), language);
  const lost = said.feedOutage(outage.cameras.length, outage.of, outage.sector, at(outage.beganAtMs)) + why;
  if (still === outage.cameras.length) return lost;
  const back = Math.max(...outage.cameras.map(({ backAtMs }) => backAtMs ?? 0));
  return `${lost}${still === 0 ? said.feedAllBack(at(back)) : said.feedSomeBack(outage.cameras.length - still)}`;
}

function because(causes: readonly (SourceCause | null)[], language: Language): string {
  const said = causesInShort(causes, language);
  return said && ` (${said})`;
}

function oneWords({ lostAtMs, backAtMs, cause }: LostCamera, named: string, at: (ms: number) => string, language: Language, words: Messages): string {
  const said = words.room;
  if (backAtMs === null) return said.feedOneLost(named) + because([cause], language);
  return lostAtMs === null ? said.feedOneBack(named) : said.feedOneLostAndBack(named, at(lostAtMs), at(backAtMs));
}
