import { expect, test } from "vitest";
import type { Camera } from "../../src/room/inventory";
import { holdersOf, OTHER_SERVICE, requestOf, running, type Question, type Situation } from "../../src/screens/convention/request";

const camera: Camera = {
  id: "vda-003", number: 3, name: "Pont-de-Bois métro", sector: "Pont-de-Bois", street: "", ptz: true, lon: 3, lat: 50,
  headingDeg: 0, fovDeg: 60, rangeM: 50, widthPx: null, owner: "villeneuve-dascq", commune: "Villeneuve-d'Ascq", zone: "pont-de-bois",
  cameraClass: "voie-publique", authorisedUntil: "2031-12-02",
};
const question: Question = {
  action: "take_ptz", party: "etat", service: "cic", habilitated: true, stationRegistered: true, event: "trouble-grave",
  motive: "", at: "14/07/2026 22:00", inactive: false, slots: 3, slotsOfOthers: 1, cameraSeen: true, authorisedBy: "", notified: false,
  ownerSteers: "unknown", suspended: "", withdrawn: false, requisition: false, purpose: "",
};

const situation: Situation = {
  nowMs: Date.parse("2026-07-01T10:00:00Z"),
  holders: [
    { camera: "vda-001", services: ["cic", "srpj"], since: "2026-07-01T09:00:00Z" },
    { camera: "vda-002", services: ["srpj"], since: "2026-07-01T09:00:00Z" },
  ],
  cameras: ["vda-001", "vda-002", "vda-003", "vda-004"],
};

test("a question spells a whole request, with what was not given left out", () => {
  expect(requestOf(question, camera, situation)).toMatchObject({
    action: "take_ptz", at: "2026-07-14T22:00:00+02:00",
    agent: { party: "etat", service: "cic" },
    camera: { id: "vda-003", class: "voie-publique", authorised_until: "2031-12-02", ptz: true },
    event: { kind: "trouble-grave", open: true, motive: null },
    purpose: null, requisition: null,
    state: { streams_in_use: 3, camera_in_use: true, authorisation: null, suspended: null, owner_is_steering: "unknown" },
  });
});

test("an authorisation lasts an hour from the instant asked about", () => {
  const request = requestOf({ ...question, authorisedBy: "police-director" }, camera, situation) as { state: { authorisation: object } };
  expect(request.state.authorisation).toEqual({ by_role: "police-director", until: "2026-07-14T21:00:00.000Z" });
});

test("without a date it is about now; a date that is none asks nothing", () => {
  expect(requestOf({ ...question, at: "" }, camera, situation)).toMatchObject({ at: "2026-07-01T10:00:00.000Z" });
  expect(requestOf({ ...question, at: "03:00" }, camera, situation)).toMatchObject({ at: "2026-07-02T03:00:00+02:00" });
  expect(requestOf({ ...question, at: "bientôt" }, camera, situation)).toBeNull();
});

test("the streams that run are told with who holds them; other figures are made up", () => {
  expect(running(situation.holders, "cic")).toEqual({ slots: 2, slotsOfOthers: 1 });
  expect(holdersOf({ ...question, slots: 2, slotsOfOthers: 1 }, camera.id, situation)).toEqual([
    { camera: "vda-001", service: "cic" }, { camera: "vda-001", service: "srpj" }, { camera: "vda-002", service: "srpj" },
  ]);
  expect(holdersOf(question, camera.id, situation)).toEqual([
    { camera: "vda-001", service: OTHER_SERVICE }, { camera: "vda-002", service: "cic" }, { camera: "vda-004", service: "cic" },
  ]);
});
