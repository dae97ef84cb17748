/** What the key for steering says beforehand, made from the engine's answer alone. Pure. */
import type { Centre, Decision, Language } from "../api/types";
import type { Messages } from "./fr";
import { articlesWords, hourMinute, shortDay } from "./words";

const NEAR_MS = 20 * 3_600_000;

/** 07:30; with its day where it is further away than the coming night. */
export function dueWords(due: string, nowMs: number, language: Language): string {
  const hour = hourMinute(due, language);
  return Date.parse(due) - nowMs > NEAR_MS ? `${shortDay(due, language)} ${hour}` : hour;
}

export function roomWords(centre: Centre | null, room: string, words: Messages): string {
  if (!centre) return words.acts.steer;
  const { roomInactive, roomOpen, roomClosed } = words.acts;
  return (centre.inactive ? roomInactive : centre.open ? roomOpen : roomClosed)(room);
}

/** What the key says of a camera of `owner`'s: the text's answer, and that this system does not carry it out yet where it does not. */
export function steeringWords(
  decision: Decision,
  owner: string,
  centre: Centre | null,
  nowMs: number,
  language: Language,
  words: Messages,
): string {
  const answer = textsAnswer(decision, words.names.room(owner), centre, nowMs, language, words);
  return decision.verdict === "refused" || decision.offered ? answer : words.room.steerNotOffered(answer);
}

/** « CSU fermé, immédiat ; avis dû à 07:30 (article 3) » */
function textsAnswer(
  decision: Decision,
  name: string,
  centre: Centre | null,
  nowMs: number,
  language: Language,
  words: Messages,
): string {
  if (decision.verdict === "refused") return words.acts.steerRefused(decision.reason);
  const articles = articlesWords(decision.articles, words);
  const room = roomWords(centre, name, words);
  if (decision.verdict === "pending") return words.acts.steerAsked(room, articles);
  const owed = decision.obligations.flatMap(({ kind, due }) => {
    if (kind === "notice-after") return [due ? words.acts.noticeDueAt(dueWords(due, nowMs, language)) : words.acts.noticeDue];
    return kind === "notification" ? [words.acts.notificationDue(name)] : [];
  });
  return words.acts.steerAtOnce(room, owed.map(words.acts.alsoOwed).join(""), articles);
}
