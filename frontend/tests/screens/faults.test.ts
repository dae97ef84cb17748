import { expect, test } from "vitest";
import type { Camera } from "../../src/room/inventory";
import { faults } from "../../src/screens/handover/faults";
import { lostSectors } from "../../src/screens/lost/groups";

const camera = (number: number, sector: string): Camera => ({
  id: `vda-${number}`, number, name: "", sector, street: "", ptz: false, lon: 0, lat: 0, headingDeg: null, fovDeg: null,
  rangeM: null, widthPx: null, owner: "", commune: "", zone: "", cameraClass: "", authorisedUntil: null,
});

test("cameras lost in one sector are one line, the largest first, and those in maintenance come last", () => {
  const cameras = [camera(1, "Triolo"), camera(2, "Flers"), camera(3, "Flers"), camera(4, "Flers"), camera(5, "Triolo")];
  const found = faults(cameras, new Map([["vda-1", "lost"], ["vda-2", "lost"], ["vda-3", "lost"], ["vda-4", "ok"], ["vda-5", "maintenance"]]));
  expect(found.map(({ state, sector, cameras: of }) => [state, sector, of.map(({ number }) => number)])).toEqual([
    ["lost", "Flers", [2, 3]],
    ["lost", "Triolo", [1]],
    ["maintenance", "Triolo", [5]],
  ]);
});

test("the cameras of a sector that are lost for one reason stand together, the largest group first", () => {
  const lost = [camera(1, "Triolo"), camera(2, "Flers"), camera(3, "Flers"), camera(4, "Flers")];
  const sectors = lostSectors(lost, new Map([["vda-2", "not-found"], ["vda-3", "wrong-password"], ["vda-4", "wrong-password"]]));
  expect(sectors.map(({ sector, count, causes }) => [sector, count, causes.map(({ cause, cameras }) => [cause, cameras.map(({ number }) => number)])])).toEqual([
    ["Flers", 3, [["wrong-password", [3, 4]], ["not-found", [2]]]],
    ["Triolo", 1, [[null, [1]]]],
  ]);
});

test("a line of the handover carries the causes of its cameras", () => {
  const cameras = [camera(1, "Flers"), camera(2, "Flers")];
  const [fault] = faults(cameras, new Map([["vda-1", "lost"], ["vda-2", "lost"]]), new Map([["vda-1", "udp-only"]]));
  expect(fault?.causes).toEqual(["udp-only", null]);
});
