import { expect, test } from "vitest";
import { speakingProblem } from "../../src/api/spoken";
import type { Language, Problem } from "../../src/api/types";

const words = (title: string, remedy: string | null) => ({ title, detail: `${title}.`, remedy });
const refusal: Problem = { ...words("Refusé", "Appeler."), cause: "quota", texts: { fr: words("Refusé", "Appeler."), en: words("Refused", null) } };

test("a problem follows the screen's language while it stands there", () => {
  let language: Language = "fr";
  const problem = speakingProblem(refusal, () => language);
  expect([problem.title, problem.remedy]).toEqual(["Refusé", "Appeler."]);
  language = "en";
  expect([problem.title, problem.detail, problem.remedy, problem.cause]).toEqual(["Refused", "Refused.", null, "quota"]);
});

test("one that came in one language keeps it", () => {
  const { texts, ...plain } = refusal;
  expect(texts).toBeDefined();
  expect(speakingProblem(plain, () => "en")).toBe(plain);
});
