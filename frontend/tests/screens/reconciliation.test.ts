import { expect, test } from "vitest";
import type { ViewingAccount } from "../../src/api/types";
import { accountWords } from "../../src/screens/reconciliation/account";
import { en, fr } from "../words";

const over: ViewingAccount = {
  camera: "vda-001", agent: "cic-7Q2M", verdict: "granted",
  asked_at: "2026-07-14T20:03:12Z", opened_at: "2026-07-14T20:03:13Z", ended_at: "2026-07-14T20:10:00Z", cause: "link-lost",
};

test("what one journal holds of a viewing, from its question to its end", () => {
  expect(accountWords(over, "fr", fr)).toMatch(/^ouverte à 22:03:13, finie à 22:10:00 \(.+\)$/);
  expect(accountWords({ ...over, ended_at: null, cause: null }, "en", en)).toBe("opened at 22:03:13, running");
  expect(accountWords({ ...over, opened_at: null, ended_at: null, cause: null }, "fr", fr)).toBe("demandée à 22:03:12");
  expect(accountWords(null, "fr", fr)).toBe("rien");
});

test("a cause of a newer node is told as it is", () => {
  expect(accountWords({ ...over, cause: "of-tomorrow" }, "fr", fr)).toContain("(of-tomorrow)");
});
