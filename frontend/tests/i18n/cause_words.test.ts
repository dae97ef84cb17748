import { expect, test } from "vitest";
import { causesInShort, causeWords } from "../../src/i18n/cause_words";

test("a wrong password, a camera over UDP only and a path that is not there read differently, in both languages", () => {
  const read = (["wrong-password", "udp-only", "not-found"] as const).flatMap((cause) => (["fr", "en"] as const).map((language) => causeWords(cause, language)));
  expect(read.every((words) => words?.short && words.sentence && words.remedy)).toBe(true);
  for (const part of ["short", "sentence", "remedy"] as const) expect(new Set(read.map((words) => words?.[part])).size).toBe(6);
});

test("a cause that only a newer node knows is left out, not shown as a code", () => {
  expect(causeWords("of-tomorrow", "fr")).toBeNull();
  expect(causeWords(null, "fr")).toBeNull();
});

test("cameras without a known cause are counted apart from those with one", () => {
  expect(causesInShort(["wrong-password", null], "en")).toBe("wrong password 1");
  expect(causesInShort([], "en")).toBe("");
});
