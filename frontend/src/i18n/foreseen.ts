/** What a key says beforehand of opening a camera, made from the engine's answer. Pure. */
import type { Decision, Language, Slots } from "../api/types";
import type { Messages } from "./fr";
import { articlesWords, hourMinuteSecond, inBrackets, withArticles } from "./words";

export interface Before {
  /** The slots of the asker's party, where it has any. */
  slots: Slots | null;
  /** The picture that would be offered for a swap, by its camera's number. */
  swapWith: number | null;
  /** The event that it would be for, where several run. */
  kind: string | null;
  /** The numbers of cameras. */
  number: (id: string) => number | string;
}

/** `calm`: it will open · `watch`: something stands in the way, or somebody else pays for it. */
export interface Said {
  tone: "calm" | "watch";
  said: string;
}

/** Of another node's camera: as of when its owner's facts are known here. */
export function foreseenWords(decision: Decision, before: Before, language: Language, words: Messages): Said {
  const said = foreseen(decision, before, words);
  return decision.as_of === null ? said : { ...said, said: `${said.said} · ${words.room.asOf(hourMinuteSecond(decision.as_of, language))}` };
}

function foreseen(decision: Decision, before: Before, words: Messages): Said {
  const { articles, reason } = decision;
  if (decision.verdict === "granted") {
    const opens = `${before.kind ? words.room.willOpenFor(before.kind) : words.willOpen}${inBrackets(articles, words)}`;
    const preempted = decision.preempts.map(before.number).join(", ");
    return preempted ? { tone: "watch", said: `${opens}${words.acts.alsoOwed(words.preempts(preempted))}` } : { tone: "calm", said: opens };
  }
  if (decision.verdict === "refused" && decision.cause === "quota" && before.slots) {
    const { used, total } = before.slots;
    const offer = before.swapWith === null ? words.room.offersNoSwap : words.room.offersSwap(before.swapWith);
    return { tone: "watch", said: `${words.room.quotaForeseen(used, total)} ${offer} (${articlesWords(articles, words)})` };
  }
  const verdict = decision.verdict === "refused" ? words.willRefuse : words.willWait;
  return { tone: "watch", said: `${verdict}. ${withArticles(reason, articles, words)}` };
}
