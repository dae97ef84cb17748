import { describe, expect, test } from "vitest";
import type { Decision, Slots } from "../../src/api/types";
import { foreseenWords, type Before } from "../../src/i18n/foreseen";
import { listWords, metresWords, pseudonymWords, stationWords } from "../../src/i18n/words";
import { en, fr } from "../words";

describe("before the key is pressed", () => {
  const slots: Slots = { party: "etat", used: 8, total: 8, holders: [] };
  const before: Before = { slots, swapWith: 58, kind: null, number: (id) => Number(id.slice(4)) };
  const refused: Decision = { verdict: "refused", offered: true, cause: "quota", articles: ["vda-etat:art-3", "vda-etat:deliberation"], obligations: [], valid_until: null, reason: "8 flux sur 8 sont pris : vda-042 (cic)…", remedy: null, preempts: [], as_of: null };

  test("a full house is said in figures, with what the key offers, never with the program's names of cameras", () => {
    expect(foreseenWords(refused, before, "fr", fr)).toEqual({ tone: "watch", said: "8 / 8 : propose d'échanger avec la 58 (article 3 et délibération)" });
    expect(foreseenWords(refused, { ...before, swapWith: null }, "en", en).said).toBe("8 / 8: none of your pictures frees a stream (article 3 and deliberation)");
  });

  test("another refusal is told in the engine's words, its articles once", () => {
    const suspended: Decision = { ...refused, cause: "suspended", articles: ["vda-etat:art-3"], reason: "Ce flux est suspendu (article 3)." };
    expect(foreseenWords(suspended, before, "fr", fr).said).toBe("refusé. Ce flux est suspendu (article 3).");
  });

  test("a grant names its article, the event where several run, and whose stream it takes", () => {
    const granted: Decision = { ...refused, verdict: "granted", cause: null, articles: ["vda-etat:art-3"] };
    expect(foreseenWords(granted, before, "fr", fr)).toEqual({ tone: "calm", said: "ouvrir : accordé (article 3)" });
    expect(foreseenWords(granted, { ...before, kind: "trouble grave" }, "fr", fr).said).toBe("ouvrir pour « trouble grave » : accordé (article 3)");
    expect(foreseenWords({ ...granted, as_of: "2026-07-14T20:03:12Z" }, before, "fr", fr).said).toBe("ouvrir : accordé (article 3) · selon l'état de 22:03:12");
    expect(foreseenWords({ ...granted, preempts: ["vda-200"] }, before, "fr", fr)).toEqual({ tone: "watch", said: "ouvrir : accordé (article 3) ; prend la place de la 200" });
  });
});

test("a name over a picture says its service once", () => {
  expect(pseudonymWords({ service: "cic", pseudonym: "cic-DBVB" })).toBe("CIC-DBVB");
  expect(pseudonymWords({ service: "cic", pseudonym: "7q2m" })).toBe("CIC 7Q2M");
  expect(stationWords("CIC · mur 1", "cic")).toBe("mur 1");
  expect(stationWords("Police municipale", "csu")).toBe("Police municipale");
});

test("lists and metres are read in the language", () => {
  expect(listWords(["CIC (3 postes)", "SRPJ"], "fr")).toBe("CIC (3 postes) et SRPJ");
  expect(metresWords(6.65, "fr")).toBe("6,7");
  expect(metresWords(66.5, "en")).toBe("67");
});
