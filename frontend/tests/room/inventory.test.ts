import { describe, expect, test } from "vitest";
import type { CameraFeature } from "../../src/api/types";
import { Gazetteer } from "../../src/room/gazetteer";
import { Inventory, plain } from "../../src/room/inventory";

function feature(number: number, name: string, sector = "Centre", street = "", lon = 3.15, lat = 50.62): CameraFeature {
  const id = `vda-${String(number).padStart(3, "0")}`;
  return {
    type: "Feature",
    id,
    geometry: { type: "Point", coordinates: [lon, lat] },
    properties: { id, number, name, sector, street, zone: "", commune: "", class: "voie-publique", ptz: false, heading_deg: 0, fov_deg: 60, range_m: 80, width_px: null, state: "ok", cause: null, authorised_until: null, owner: "villeneuve-dascq" },
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

  test("puts a name before a street, a street before a sector, and what begins so first", () => {
    const town = inventory([
      feature(78, "Breucq", "Flers"), feature(80, "Gare de Flers", "Nord"), feature(81, "Mairie", "Centre", "rue de Flers"),
      feature(104, "Flers bourg", "Flers"), feature(3, "Métro", "Flers"),
    ]);
    expect(town.search("flers").map(({ number }) => number)).toEqual([104, 80, 81, 3, 78]);
    expect(town.found("flers").map(({ rank }) => rank)).toEqual(["name-begins", "name", "street", "sector", "sector"]);
  });

  test("ignores the number of a house, which no camera has", () => {
    expect(numbers("12 place de la republique")).toEqual([58]);
    expect(numbers("12 bis place de la republique")).toEqual([58]);
    expect(numbers("rue nulle part 12")).toEqual([]);
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

test("the cameras near a street are near any part of it", () => {
  const ground = {
    type: "FeatureCollection" as const,
    features: [
      { type: "Feature" as const, geometry: { type: "LineString", coordinates: [[3.14, 50.62], [3.16, 50.62]] }, properties: { kind: "road" as const, name: "Rue Vermeer" } },
      { type: "Feature" as const, geometry: { type: "Point", coordinates: [3.2, 50.7] }, properties: { kind: "sector" as const, name: "Haute-Borne" } },
    ],
  };
  const [street] = new Gazetteer(ground).search("12 rue verm", 5);
  expect(street).toMatchObject({ name: "Rue Vermeer", kind: "road" });
  const town = inventory([feature(1, "far", "", "", 3.15, 50.64), feature(2, "beside its middle", "", "", 3.15, 50.6201)]);
  const near = town.nearby(street!.points, 5);
  expect(near.map(({ camera }) => camera.number)).toEqual([2, 1]);
  expect(near[0]!.metres).toBeLessThan(30);
  expect(new Gazetteer(ground).search("haute borne", 5).map(({ name }) => name)).toEqual(["Haute-Borne"]);
  expect(new Gazetteer(ground).search("v", 5)).toEqual([]);
  expect(new Gazetteer(null).search("rue", 5)).toEqual([]);
});
