import { describe, expect, test } from "vitest";
import { en as spokenEnglish } from "../../src/i18n/en";
import { fr as spokenFrench } from "../../src/i18n/fr";
import { ageWords, articlesWords, durationWords, hourMinute, longDate, longDay, serviceWords, withArticles } from "../../src/i18n/words";
import { en, fr } from "../words";

type Tree = { [key: string]: unknown };

/** Every message with its path; a function is spoken with figures that cannot be words of its own. */
function spoken(tree: Tree, path = ""): [string, string][] {
  return Object.entries(tree).flatMap(([key, value]): [string, string][] => {
    const here = `${path}${key}`;
    if (typeof value === "string") return [[here, value]];
    if (typeof value === "function") {
      const say = value as (...given: unknown[]) => string;
      const given = key === "textsTogether" ? [["1", "2"]] : Array.from({ length: say.length }, (_, at) => String(7 + at));
      return [[here, String(say(...given))]];
    }
    return spoken(value as Tree, `${here}.`);
  });
}

test("the first of a month is the first", () => {
  const first = Date.parse("2026-12-01T12:00:00Z");
  expect(longDay(first, "fr")).toBe("mardi 1er décembre");
  expect(longDay(Date.parse("2026-12-11T12:00:00Z"), "fr")).toBe("vendredi 11 décembre");
  expect(longDay(first, "en")).toBe("Tuesday 1 December");
  expect(longDate(first, "fr")).toBe("mardi 1er décembre 2026");
});

describe("every message", () => {
  const french = new Map(spoken(spokenFrench));
  const english = new Map(spoken(spokenEnglish));

  test("exists in both languages", () => {
    expect([...english.keys()].sort()).toEqual([...french.keys()].sort());
  });

  test("says something, without a hole in it", () => {
    for (const [key, said] of [...french, ...english]) {
      expect(said.trim(), key).not.toBe("");
      expect(said, key).not.toMatch(/undefined|\[object|NaN/);
    }
  });

  test("uses the field's words, never the program's", () => {
    for (const [key, said] of [...french, ...english]) expect(said, key).not.toMatch(/merkle|checkpoint|fencing|\blease|\bdebt|token/i);
  });

  test("that is a sentence is not left in the other language", () => {
    const same = [...french].filter(([key, said]) => said === english.get(key) && /\s\p{L}+\s/u.test(said));
    expect(same.map(([key]) => key)).toEqual([]);
  });
});

describe("figures and texts", () => {
  test("an age has one decimal under ten seconds, in the language's own sign", () => {
    expect(ageWords(180, "fr", fr)).toBe("0,2 s");
    expect(ageWords(1_430, "en", en)).toBe("1.4 s");
    expect(ageWords(9_970, "fr", fr)).toBe("10 s");
    expect(ageWords(-40, "fr", fr)).toBe("0,0 s");
  });

  test("an article is named as in the text", () => {
    expect(articlesWords(["vda-etat:art-3", "vda-etat:deliberation"], fr)).toBe("article 3 et délibération");
    expect(articlesWords(["csi:L252-4", "csi:L252-4"], en)).toBe("CSI L252-4");
  });

  test("a refusal names its articles once", () => {
    const articles = ["vda-etat:art-3", "vda-etat:deliberation"];
    expect(withArticles("Les 8 flux sont ouverts.", articles, fr)).toBe("Les 8 flux sont ouverts (article 3 et délibération).");
    expect(withArticles("Hors événement, regarder n'est pas prévu (article 3).", ["vda-etat:art-3"], fr)).toBe("Hors événement, regarder n'est pas prévu (article 3).");
  });

  test("times are the parties' wall clock, summer and winter", () => {
    expect(hourMinute("2026-07-14T20:00:00Z", "fr")).toBe("22:00");
    expect(hourMinute("2026-03-25T03:12:00Z", "fr")).toBe("04:12");
    expect(longDay("2026-03-25T03:12:00Z", "fr")).toBe("mercredi 25 mars");
  });

  test("a duration is what an operator needs of it", () => {
    expect(durationWords(14 * 60_000 + 5_000, fr)).toBe("14 min");
    expect(durationWords(20_000, en)).toBe("less than a minute");
  });

  test("a service stands in capitals, a party without one by its name", () => {
    expect(serviceWords("cic", "etat", fr)).toBe("CIC");
    expect(serviceWords(null, "etat", en)).toBe("State");
  });
});
