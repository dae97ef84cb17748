/** Why cameras are lost, as it is read: the node's own words, of which the screens keep a copy. Pure. */
import type { Language, SourceCause } from "../api/types";
import { SOURCE_CAUSES } from "./source_causes";

export interface CauseWords {
  short: string;
  sentence: string;
  /** What a technician can do. */
  remedy: string;
}

/** Null for none, and for a cause that only a newer node knows. */
export function causeWords(cause: string | null | undefined, language: Language): CauseWords | null {
  const said = cause && cause in SOURCE_CAUSES ? SOURCE_CAUSES[cause as SourceCause] : null;
  return said ? { short: said.short[language], sentence: said.sentence[language], remedy: said.remedy[language] } : null;
}

/** How often each cause is given, the most frequent first; what has none is left out. */
export function countCauses(causes: readonly (SourceCause | null | undefined)[]): [SourceCause, number][] {
  const counts = new Map<SourceCause, number>();
  for (const cause of causes) if (cause) counts.set(cause, (counts.get(cause) ?? 0) + 1);
  return [...counts].sort(([a, m], [b, n]) => n - m || a.localeCompare(b));
}

/** « mot de passe refusé », or where they differ « mot de passe refusé 12, muette 2 »; empty where nothing is known. */
export function causesInShort(causes: readonly (SourceCause | null | undefined)[], language: Language): string {
  const counts = countCauses(causes).map(([cause, count]) => [causeWords(cause, language)?.short ?? cause, count] as const);
  const alone = counts.length === 1 && counts[0]?.[1] === causes.length;
  return counts.map(([short, count]) => (alone ? short : `${short} ${count}`)).join(", ");
}
