import { afterEach, describe, expect, test } from "vitest";
import { alone, bare, of, to, whose } from "../../src/i18n/articles";
import { en as english } from "../../src/i18n/en";
import { fr as french } from "../../src/i18n/fr";
import { namesOf } from "../../src/i18n/names";
import { instantOf } from "../../src/i18n/wall_clock";
import { hourMinute, partnersWords, partyWords, roleWords, serviceWords } from "../../src/i18n/words";
import { showTimesIn } from "../../src/i18n/zone";
import { en, fr, node } from "../words";

describe("a role is called after the room where it is held", () => {
  test.each([
    ["csu-operator", "villeneuve-dascq", "Opérateur CSU", "CSU operator"],
    ["csu-room-chief", "villeneuve-dascq", "Chef de salle", "Room chief"],
    ["police-director", "villeneuve-dascq", "Directeur de la police municipale", "Director of the municipal police"],
    ["cic-operator", "etat", "Opérateur CIC", "CIC operator"],
    ["cic-supervisor", "etat", "Superviseur CIC", "CIC supervisor"],
    ["other-state-operator", "etat", "Opérateur, service de l'État", "Operator, State service"],
    ["inspector", "villeneuve-dascq", "Inspection", "Inspection"],
  ] as const)("%s", (role, party, said, told) => {
    expect(roleWords(role, party, fr)).toBe(said);
    expect(roleWords(role, party, en)).toBe(told);
  });
});

test("a party is called as its convention says, in a heading and in a sentence", () => {
  expect([partyWords("etat", fr), partyWords("etat", en)]).toEqual(["État", "State"]);
  const { who, many } = partnersWords("villeneuve-dascq", fr);
  expect(fr.watchedTitle(who)).toBe("Ce que les services de l'État regardent");
  expect(fr.acts.declareActivityHint(who, many)).toBe("Inactive (évacuée, sans personne) : l'État pilote comme la nuit.");
  expect(fr.acts.varyHint(fr.names.called("villeneuve-dascq"))).toMatch(/^La ville seule les change et l'annonce/);
  expect(fr.acts.ownerSteers(fr.names.called("villeneuve-dascq"))).toBe("La ville pilote");
  expect(en.watchedTitle(partnersWords("villeneuve-dascq", en).who)).toBe("What the State's services are watching");
});

test("several partners are named together", () => {
  const more = { ...node, parties: [...node.parties, { ...node.parties[1]!, id: "metropole" }] };
  const words = { ...french, names: namesOf(more, "fr") };
  const { who, many } = partnersWords("villeneuve-dascq", words);
  expect(words.watchedTitle(who)).toBe("Ce que les services des partenaires regardent");
  expect(words.acts.declareActivityHint(who, many)).toContain("les partenaires pilotent");
  const told = { ...english, names: namesOf(more, "en") };
  expect(told.watchedTitle(partnersWords("villeneuve-dascq", told).who)).toBe("What the partners' services are watching");
});

test("a service goes by its name where one is given, else by its id in capitals", () => {
  expect(serviceWords("gn", "etat", fr)).toBe("Gendarmerie");
  expect(serviceWords("srpj", "etat", fr)).toBe("SRPJ");
});

test("before the node has told its names, ids stand for them", () => {
  const words = { ...french, names: namesOf(null, "fr") };
  expect(roleWords("cic-operator", "etat", words)).toBe("Opérateur ETAT");
  expect(partyWords("etat", words)).toBe("etat");
});

test("a noun with its article stands in a sentence", () => {
  expect([of("le CSU"), of("les partenaires"), of("l'État"), of("Ascq"), of("la ville")]).toEqual(["du CSU", "des partenaires", "de l'État", "d'Ascq", "de la ville"]);
  expect([to("le directeur"), to("les partenaires"), to("la direction")]).toEqual(["au directeur", "aux partenaires", "à la direction"]);
  expect([bare("l'État"), bare("the State"), alone("l'État"), whose("the partners")]).toEqual(["État", "State", "l'État seul", "the partners'"]);
});

describe("times are those of the node's zone", () => {
  afterEach(() => showTimesIn("Europe/Paris"));

  test("as they are read and as they are typed", () => {
    showTimesIn("Indian/Reunion");
    expect(hourMinute("2026-03-25T03:12:00Z", "fr")).toBe("07:12");
    expect(instantOf("2026-07-14T22:00")).toBe("2026-07-14T22:00:00+04:00");
  });

  test("a zone that the browser does not know changes nothing", () => {
    showTimesIn("Nowhere/Nothing");
    expect(hourMinute("2026-07-14T20:00:00Z", "fr")).toBe("22:00");
  });
});
