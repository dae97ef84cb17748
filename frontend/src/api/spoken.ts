/**
 * What the node says in both languages at once, read in the screen's own: a refusal that stands there while the language
 * changes changes with it. The screen's language is read each time, so what shows the words follows by itself.
 */
import type { Decision, Ended, Language, Problem } from "./types";

/** Let `said` speak the language in force, where the node gave its words in both; else leave it as it came. */
function inLanguage<T extends object>(said: T, texts: Partial<Record<Language, object>> | undefined, language: () => Language): T {
  if (!texts) return said;
  const speaking: T = { ...said };
  for (const name of Object.keys(texts.fr ?? {}))
    Object.defineProperty(speaking, name, {
      enumerable: true,
      get: () => (texts[language()] as Record<string, unknown> | undefined)?.[name] ?? null,
    });
  return speaking;
}

export const speakingProblem = (problem: Problem, language: () => Language): Problem =>
  inLanguage(problem, problem.texts, language);

export const speakingDecision = (decision: Decision, language: () => Language): Decision =>
  inLanguage(decision, decision.texts, language);

export const speakingEnd = (ended: Ended, language: () => Language): Ended => inLanguage(ended, ended.texts, language);
