import { expect, test } from "vitest";
import type { Camera } from "../../src/room/inventory";
import { requestOf, type Question } from "../../src/screens/convention/request";

const camera: Camera = {
  id: "vda-003", number: 3, name: "Pont-de-Bois métro", sector: "Pont-de-Bois", street: "", ptz: true, lon: 3, lat: 50,
  headingDeg: 0, fovDeg: 60, rangeM: 50, owner: "villeneuve-dascq", commune: "Villeneuve-d'Ascq", zone: "pont-de-bois",
  cameraClass: "voie-publique", authorisedUntil: "2031-12-02",
};
const question: Question = {
  action: "take_ptz", party: "etat", service: "cic", habilitated: true, stationRegistered: true, event: "trouble-grave",
  motive: "", at: "2026-07-14T22:00", inactive: false, slots: 3, cameraSeen: true, authorisedBy: "", notified: false,
  ownerSteers: "unknown", suspended: "", withdrawn: false, requisition: false, purpose: "",
};

test("a question spells a whole request, with what was not given left out", () => {
  expect(requestOf(question, camera)).toMatchObject({
    action: "take_ptz", at: "2026-07-14T22:00:00+02:00",
    agent: { party: "etat", service: "cic" },
    camera: { id: "vda-003", class: "voie-publique", authorised_until: "2031-12-02", ptz: true },
    event: { kind: "trouble-grave", open: true, motive: null },
    purpose: null, requisition: null,
    state: { streams_in_use: 3, camera_in_use: true, authorisation: null, suspended: null, owner_is_steering: "unknown" },
  });
});

test("an authorisation lasts an hour from the instant asked about", () => {
  const request = requestOf({ ...question, authorisedBy: "police-director" }, camera) as { state: { authorisation: object } };
  expect(request.state.authorisation).toEqual({ by_role: "police-director", until: "2026-07-14T21:00:00.000Z" });
});

test("without a date there is no question", () => {
  expect(requestOf({ ...question, at: "" }, camera)).toBeNull();
});
