import { describe, expect, test } from "vitest";
import type { CameraFeature } from "../../src/api/types";
import { Inventory, plain } from "../../src/room/inventory";

function feature(number: number, name: string, sector = "Centre", street = "", lon = 3.15, lat = 50.62): CameraFeature {
  const id = `vda-${String(number).padStart(3, "0")}`;
  return {
    type: "Feature",
    id,
    geometry: { type: "Point", coordinates: [lon, lat] },
    properties: { id, number, name, sector, street, zone: "", commune: "", class: "voie-publique", ptz: false, heading_deg: 0, fov_deg: 60, range_m: 80, width_px: null, state: "ok", authorised_until: null, owner: "villeneuve-dascq" },
  };
}
const inventory = (features: CameraFeature[]) => new Inventory({ type: "FeatureCollection", features });

describe("the search", () => {
  const town = inventory([feature(58, "Église d'Annappes", "Annappes", "place de la République"), feature(580, "Lac, rive sud"), feature(5, "Hôtel de ville")]);
  const numbers = (typed: string) => town.search(typed).map(({ number }) => number);

  test("takes words without accents, in any order, by their beginning", () => {
    expect(numbers("eglise anna")).toEqual([58]);
    expect(numbers("annappes EGLISE")).toEqual([58]);
    expect(numbers("repub")).toEqual([58]);
    expect(numbers("glise")).toEqual([]);
  });

  test("puts the very number first, then those that begin so", () => {
    expect(numbers("5")).toEqual([5, 58, 580]);
    expect(numbers("58")).toEqual([58, 580]);
  });

  test("puts the name that was meant before the longer ones", () => {
    const flers = inventory([feature(86, "Flers bourg nord", "Flers"), feature(104, "Flers bourg", "Flers")]);
    expect(flers.search("bourg fler").map(({ number }) => number)).toEqual([104, 86]);
  });

  test("of 5,000 cameras takes far less than 100 ms", () => {
    const names = ["Église", "Gare", "Marché", "Lac", "Stade"];
    const large = inventory(Array.from({ length: 5_000 }, (_, n) => feature(n + 1, `${names[n % 5]} ${n}`, `secteur ${n % 40}`, `rue ${n % 300}`)));
    const start = performance.now();
    for (const typed of ["e", "eg", "egl", "eglise", "eglise 12", "4999"]) large.search(typed);
    expect((performance.now() - start) / 6).toBeLessThan(50);
    expect(large.search("4999")[0]?.number).toBe(4_999);
  });
});

test("the nearest camera is the nearest on the ground, not in degrees", () => {
  // At 50.6° north a degree of longitude is 0.63 of one of latitude.
  const town = inventory([feature(1, "north", "", "", 3.15, 50.62 + 0.0008), feature(2, "east", "", "", 3.15 + 0.001, 50.62)]);
  expect(town.nearest(3.15, 50.62)?.number).toBe(2);
  expect(inventory([]).nearest(3.15, 50.62)).toBeNull();
});

test("words lose accents, case and signs", () => {
  expect(plain("L'Église — N° 4")).toBe("l eglise n 4");
});
