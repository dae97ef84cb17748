import { describe, expect, test } from "vitest";
import type { JournalRecord, JournalViewing } from "../../src/api/types";
import { causeWords, comparedWords, eventWords, lastingWords, recordWords, seatWords, spanWords, watchersWords } from "../../src/screens/journal/telling";
import { fr } from "../words";

const NOW = Date.parse("2026-07-14T20:30:00Z");

const viewing: JournalViewing = {
  index: 7, viewing: "v-1", camera: "vda-203", party: "etat",
  watchers: [{ agent: "cic-7Q2M", service: "cic", name: null, since: "2026-07-14T20:03:12Z" }],
  station: { id: "mur-1", label: "CIC · mur 1" },
  event: {
    id: "e-1", kind: "levee-de-doute", motive: "rixe", dispatch_number: "4512", erased: false, to_come: false, of_its_party: false,
    motives: [{ words: "rixe", agent: "cic-7Q2M", service: "cic", name: null, at: "2026-07-14T20:01:00Z" }],
  },
  purpose: null, opened_at: "2026-07-14T20:03:12Z", ended_at: "2026-07-14T20:14:40Z",
  articles: ["vda-etat:art-3"], cause: "closed", ended_articles: [],
};

describe("a viewing of the journal", () => {
  test("from when to when", () => {
    expect(spanWords(viewing, NOW, "fr", fr)).toBe("22:03:12 → 22:14:40 (11 min)");
    expect(spanWords({ ...viewing, ended_at: null }, NOW, "fr", fr)).toBe("22:03:12 → en cours (27 min)");
    expect(spanWords({ ...viewing, ended_at: "2026-07-14T23:08:12Z" }, NOW, "fr", fr)).toBe("22:03:12 → 15/07/2026 01:08:12 (3 h 05)");
  });

  test.each([[400, "0 s"], [59_000, "59 s"], [60_000, "1 min"], [3_599_000, "1 h 00"], [7_500_000, "2 h 05"]])(
    "%i ms",
    (lengthMs, said) => expect(lastingWords(lengthMs, fr)).toBe(said),
  );

  test("who, and who relieved", () => {
    expect(watchersWords(viewing, "fr", fr)).toBe("CIC · cic-7Q2M");
    const relieved = { ...viewing, watchers: [...viewing.watchers, { agent: "cic-4PPA", service: "cic", name: null, since: "2026-07-14T20:10:00Z" }] };
    expect(watchersWords(relieved, "fr", fr)).toBe("CIC · cic-7Q2M, puis cic-4PPA à 22:10:00");
    const own = { ...viewing, party: "villeneuve-dascq", watchers: [{ agent: "csu-9", service: "csu", name: "Opérateur 1", since: viewing.opened_at }] };
    expect(watchersWords(own, "fr", fr)).toBe("CSU · csu-9 (Opérateur 1)");
  });

  test("for what", () => {
    expect(eventWords(viewing.event, "fr", fr)).toBe("Levée de doute · rixe · appel 4512");
    const without = { id: "e-1", kind: "levee-de-doute", motive: null, motives: [], dispatch_number: null, erased: false, to_come: false, of_its_party: false };
    expect(eventWords(without, "fr", fr)).toBe("Levée de doute · motif non donné");
    expect(eventWords({ ...without, erased: true }, "fr", fr)).toBe("Levée de doute · motif qui n'est plus dans ce journal");
    expect(eventWords({ ...without, to_come: true }, "fr", fr)).toBe("Levée de doute · motif à venir");
    expect(eventWords({ ...without, motive: "rixe", of_its_party: true }, "fr", fr)).toBe("Levée de doute · rixe · communiqué par sa partie");
    expect(eventWords(null, "fr", fr)).toBe("—");
  });

  test("a motive that was changed shows both, with who and when", () => {
    const [given] = viewing.event?.motives ?? [];
    const again = { words: "agression", agent: "csu-9", service: "csu", name: "Opérateur 1", at: "2026-07-14T20:05:00Z" };
    expect(given && viewing.event && eventWords({ ...viewing.event, motive: "agression", motives: [given, again] }, "fr", fr)).toBe(
      "Levée de doute · « rixe » (cic-7Q2M, le 14/07/2026 22:01:00) → « agression » (csu-9 (Opérateur 1), le 14/07/2026 22:05:00) · appel 4512",
    );
  });
});

describe("a page of the journal", () => {
  test("says until when it was compared, and what differed", () => {
    const compared = { state: "compared", at: "2026-07-14T01:30:00Z", mended: null } as const;
    expect(comparedWords(compared, "fr", fr)).toBe("Comparé aux inscriptions le 14/07/2026 03:30:00.");
    expect(comparedWords({ ...compared, mended: { at: "2026-07-14T01:30:00Z", rows: 2 } }, "fr", fr)).toBe(
      "Comparé aux inscriptions le 14/07/2026 03:30:00. 2 lignes en différaient ; elles ont été refaites d'après elles le 14/07/2026 03:30:00.",
    );
    expect(comparedWords({ state: "differs", at: null, mended: null }, "fr", fr)).toContain("prévenez l'administrateur");
  });
});

describe("a record of the journal", () => {
  const record: JournalRecord = {
    at: "2026-07-14T20:00:00Z", kind: "station", cause: "ended",
    subject: { party: "etat", service: "cic", agent: "cic-SUP", station: "cic-sup" },
    detail: { label: "SRPJ · poste 1", station: "srpj-1" },
  };

  test("a station struck off is named, and who did it sits elsewhere", () => {
    expect(recordWords(record, {}, {}, "fr", fr)).toBe("« SRPJ · poste 1 »");
    expect(seatWords(record, { "cic-sup": "CIC · superviseur" })).toBe("CIC · superviseur");
  });

  test("a pseudonym that was resolved is named with the act, and nobody's name", () => {
    const resolved = { ...record, kind: "consulted", cause: "resolved", detail: { agent: "cic-7Q2M", ground: "requisition", act: "réquisition 26/4", told: ["etat"] } };
    expect(recordWords(resolved, {}, {}, "fr", fr)).toBe("cic-7Q2M · réquisition 26/4");
  });

  test("where it was not written who acted from where, nobody is said to have sat at that station", () => {
    const older = { ...record, subject: { party: "etat", service: null, agent: null, station: "srpj-1" }, detail: {} };
    expect(seatWords(older, { "srpj-1": "SRPJ · poste 1" })).toBe("—");
    expect(recordWords(older, { "srpj-1": "SRPJ · poste 1" }, {}, "fr", fr)).toBe("« SRPJ · poste 1 »");
  });

  test("tells why it ended or was refused, and what was done, in words", () => {
    expect(causeWords("ended", "event-closed", fr)).toBe("Événement clos");
    expect(causeWords("decision", "quota", fr)).toBe("Tous les flux sont pris");
    expect(["closed", "amended"].map((act) => causeWords("event", act, fr))).toEqual(["clos", "complété"]);
    expect(causeWords("ended", "closed", fr)).toBe("Vue fermée");
    expect(causeWords("gap", "restored", fr)).toBe("repris d'une sauvegarde");
  });

  test("of another version shows the cause that this one has no words for", () => {
    expect(causeWords("ended", "eclipse", fr)).toBe("Cause que cette version ne connaît pas (eclipse)");
  });

  test("a reading says what was read, and of which time", () => {
    const read = { at: record.at, kind: "consulted", detail: { what: "file", from: "2026-07-14T22:00:00+02:00" } };
    expect(recordWords(read, {}, {}, "fr", fr)).toBe("fichier 14/07/2026 22:00:00 → …");
  });

  test("what was typed is named by its hash and told only where the answer holds its text", () => {
    const written: JournalRecord = { ...record, kind: "event", cause: "opened", detail: { motive: { sha256: "ab" }, dispatch_number: { sha256: "cd" }, sector: null } };
    expect(recordWords(written, {}, { ab: "rixe", cd: "4512" }, "fr", fr)).toBe("rixe · appel 4512");
    expect(recordWords(written, {}, {}, "fr", fr)).toBe("");
    const note: JournalRecord = { ...record, kind: "handover", cause: "written", detail: { note: "h-1", words: { sha256: "ef" } } };
    expect(recordWords(note, {}, { ef: "ronde à 4 h" }, "fr", fr)).toBe("ronde à 4 h");
  });
});
