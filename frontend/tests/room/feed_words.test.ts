import { describe, expect, test } from "vitest";
import type { SourceCause } from "../../src/api/types";
import type { Happening } from "../../src/room/feed";
import { feedWords, type Town } from "../../src/room/feed_words";
import type { LostCamera } from "../../src/room/outages";
import { en, fr } from "../words";

const town: Town = { number: (id) => id.replace("vda-", ""), named: (id) => `${id.replace("vda-", "")} Triolo marché`, partners: "l'État" };
const said = (happening: Happening) => feedWords(happening, town, "fr", fr);
const cic = { party: "etat", service: "cic" };
const srpj = { party: "etat", service: "srpj" };
const at = (time: string) => Date.parse(`2026-03-25T${time}:00+01:00`);

describe("the feed says", () => {
  test("who opened what, for what, in one line", () => {
    expect(said({ what: "opened", by: cic, kind: "levee-de-doute", event: "e", cameras: ["vda-88"] })).toBe("CIC ouvre la 88, levée de doute");
    expect(said({ what: "opened", by: cic, kind: "levee-de-doute", event: "e", cameras: ["vda-88", "vda-104"] })).toBe("CIC ouvre 2 caméras, levée de doute : 88, 104");
  });

  test("why pictures ended, and by which article", () => {
    expect(said({ what: "ended", by: cic, cause: "closed", articles: [], cameras: ["vda-88"] })).toBe("CIC ferme la 88");
    expect(said({ what: "ended", by: cic, cause: "authorisation-withdrawn", articles: ["vda-etat:art-7"], cameras: ["vda-88", "vda-3"] })).toBe("Autorisation retirée, CIC ne voit plus 2 caméras : 88, 3 (article 7)");
    expect(said({ what: "taken", from: srpj, by: "cic", articles: ["vda-etat:art-3"], cameras: ["vda-200"] })).toBe("CIC prend le flux de la 200 au SRPJ (article 3)");
    expect(said({ what: "restarted", viewings: 6, takenUp: 6 })).toBe("Serveur redémarré : 6 vues reprises");
    expect(said({ what: "restarted", viewings: 6, takenUp: 5 })).toBe("Serveur redémarré : 5 vues reprises sur 6");
  });

  test("an outage by its sector, and its end in the same line", () => {
    const lost = (n: number, back: number | null) => ({ camera: `vda-${n}`, lostAtMs: at("00:14"), backAtMs: back, cause: null });
    const outage = { id: 1, sector: "Pont-de-Bois", of: 22, beganAtMs: at("00:14"), cameras: [lost(1, null), lost(2, null)] };
    expect(said({ what: "outage", outage })).toBe("2 / 22 caméras, Pont-de-Bois : perdues 00:14");
    expect(said({ what: "outage", outage: { ...outage, cameras: [lost(1, at("00:15")), lost(2, null)] } })).toBe("2 / 22 caméras, Pont-de-Bois : perdues 00:14, 1 revenue");
    expect(said({ what: "outage", outage: { ...outage, cameras: [lost(1, at("00:15")), lost(2, at("00:15"))] } })).toBe("2 / 22 caméras, Pont-de-Bois : perdues 00:14, toutes revenues 00:15");
    expect(said({ what: "outage", outage: { ...outage, cameras: [lost(42, null)] } })).toBe("Caméra perdue : 42 Triolo marché");
    expect(said({ what: "outage", outage: { ...outage, cameras: [lost(42, at("00:15"))] } })).toBe("42 Triolo marché : perdue 00:14, revenue 00:15");
  });
});

describe("an outage says why its cameras are lost", () => {
  const lost = (n: number, cause: SourceCause, back: number | null = null) => ({ camera: `vda-${n}`, lostAtMs: at("00:14"), backAtMs: back, cause });
  const outage = (...cameras: LostCamera[]): Happening => ({ what: "outage", outage: { id: 1, sector: "Pont-de-Bois", of: 22, beganAtMs: at("00:14"), cameras } });
  const fourteen = (cause: SourceCause) => outage(...Array.from({ length: 14 }, (_, n) => lost(n, cause)));
  const inBoth = (happening: Happening) => [feedWords(happening, town, "fr", fr), feedWords(happening, town, "en", en)];

  test("in both languages, each cause otherwise", () => {
    expect(inBoth(fourteen("wrong-password"))).toEqual([
      "14 / 22 caméras, Pont-de-Bois : perdues 00:14 (mot de passe refusé)",
      "14 / 22 cameras, Pont-de-Bois: lost 00:14 (wrong password)",
    ]);
    expect(inBoth(fourteen("udp-only"))).toEqual(["14 / 22 caméras, Pont-de-Bois : perdues 00:14 (UDP seulement)", "14 / 22 cameras, Pont-de-Bois: lost 00:14 (UDP only)"]);
    expect(inBoth(fourteen("not-found"))).toEqual(["14 / 22 caméras, Pont-de-Bois : perdues 00:14 (flux introuvable)", "14 / 22 cameras, Pont-de-Bois: lost 00:14 (stream not found)"]);
  });

  test("with how many of each where they differ, of those that are lost still", () => {
    const back = lost(3, "silent", at("00:15"));
    expect(inBoth(outage(lost(1, "wrong-password"), lost(2, "wrong-password"), lost(4, "closed"), back))[0]).toBe(
      "4 / 22 caméras, Pont-de-Bois : perdues 00:14 (mot de passe refusé 2, connexion coupée par la caméra 1), 1 revenue",
    );
    expect(inBoth(outage(lost(42, "not-found")))).toEqual(["Caméra perdue : 42 Triolo marché (flux introuvable)", "Camera lost: 42 Triolo marché (stream not found)"]);
  });
});
