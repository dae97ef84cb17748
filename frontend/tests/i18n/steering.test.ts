import { expect, test } from "vitest";
import type { Centre, Decision } from "../../src/api/types";
import { steeringWords } from "../../src/i18n/steering";
import { en, fr } from "../words";

const NIGHT_MS = Date.parse("2026-03-25T02:00:05+01:00");
const closed: Centre = { open: false, active: false, inactive: false, authorisation_withdrawn: false, changes_at: null, varied: null };
const granted: Decision = {
  verdict: "granted", offered: true, articles: ["vda-etat:art-3"], preempts: [], as_of: null, remedy: null, reason: "…", valid_until: null,
  obligations: [{ kind: "motive", due: null }, { kind: "notice-after", due: "2026-03-25T07:30:00+01:00" }],
};

test("a grant at night says that it is at once, and when the notice is due", () => {
  expect(steeringWords(granted, "villeneuve-dascq", closed, NIGHT_MS, "fr", fr)).toBe("CSU fermé, immédiat ; avis dû à 07:30 (article 3)");
  expect(steeringWords(granted, "villeneuve-dascq", closed, NIGHT_MS, "en", en)).toBe("CSU closed, at once; notice due at 07:30 (article 3)");
});

test("a notice that is due later than the coming night names its day", () => {
  const later = { ...granted, obligations: [{ kind: "notice-after", due: "2026-03-29T10:00:00+02:00" }] };
  expect(steeringWords(later, "villeneuve-dascq", closed, NIGHT_MS, "fr", fr)).toContain("avis dû à 29/03 10:00");
});

test("while the room is active what is to be asked for is said, with both texts", () => {
  const pending: Decision = { ...granted, verdict: "pending", obligations: [], articles: ["vda-etat:art-3", "vda-etat:deliberation"] };
  const open = { ...closed, open: true, active: true };
  expect(steeringWords(pending, "villeneuve-dascq", open, NIGHT_MS, "fr", fr)).toBe("CSU ouvert, autorisation à demander (article 3 et délibération)");
});

test("a refusal is told in the engine's own sentence", () => {
  const refused: Decision = { ...granted, verdict: "refused", obligations: [], reason: "Cette caméra ne tourne pas (article 3)." };
  expect(steeringWords(refused, "villeneuve-dascq", closed, NIGHT_MS, "fr", fr)).toBe("refusé. Cette caméra ne tourne pas (article 3).");
});

test("what the text would grant, and this system does not carry out yet, is not promised", () => {
  expect(steeringWords({ ...granted, offered: false }, "villeneuve-dascq", closed, NIGHT_MS, "fr", fr)).toBe("pas encore offert ici ; le texte dirait : CSU fermé, immédiat ; avis dû à 07:30 (article 3)");
});
