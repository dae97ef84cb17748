import { describe, expect, test } from "vitest";
import { bands, cone, looking, metresAt, reach } from "../../src/map/bands";
import { metresBetween, nearest, scaleBar } from "../../src/map/near";
import { markOf } from "../../src/map/shapes";
import type { Camera } from "../../src/room/inventory";

const camera = (number: number, lon: number, more: Partial<Camera> = {}): Camera => ({
  id: `vda-${number}`, number, name: "", sector: "", street: "", ptz: false, lon, lat: 50.6, headingDeg: 90, fovDeg: 60,
  rangeM: 60, widthPx: 1920, owner: "", commune: "", zone: "", cameraClass: "", authorisedUntil: null, ...more,
});

describe("near a place", () => {
  test("five of many, the nearest first, with metres", () => {
    const cameras = [9, 3, 7, 1, 5, 2, 8].map((at) => camera(at, 3 + at / 1000));
    const found = nearest(cameras, { lon: 3, lat: 50.6 }, 5);
    expect(found.map(({ camera: { number } }) => number)).toEqual([1, 2, 3, 5, 7]);
    expect(found[0]?.metres).toBeCloseTo(70.7, 0);
  });

  test("where there are fewer, all of them; where there is none, none", () => {
    expect(nearest([camera(1, 3)], { lon: 3, lat: 50.6 }, 5)).toHaveLength(1);
    expect(nearest([], { lon: 3, lat: 50.6 }, 5)).toEqual([]);
  });

  test.each([[0.4, 100, 20], [1, 100, 100], [9.9, 100, 500], [25, 100, 2000]])("%f m a pixel: a bar of %i px at most", (metresPerPx, most, metres) => {
    const bar = scaleBar(metresPerPx, most);
    expect(bar.metres).toBe(metres);
    expect(bar.widthPx).toBeLessThanOrEqual(most);
    expect(bar.widthPx).toBeGreaterThan(most / 2.6);
  });
});

describe("bands of a cone", () => {
  test("lie where the standard puts them", () => {
    // 1920 pixels over 60°: 250 px/m at 6.7 m, 62.5 px/m at 26.6 m.
    expect(metresAt(camera(1, 3), 250)).toBeCloseTo(6.65, 1);
    expect(bands(camera(1, 3)).map(({ band, toM }) => [band, Math.round(toM)])).toEqual([
      ["identify", 7], ["recognise", 13], ["observe", 27], ["detect", 60],
    ]);
  });

  test("end at the camera's range and join without a gap", () => {
    const found = bands(camera(1, 3, { rangeM: 20 }));
    expect(found.at(-1)?.toM).toBe(20);
    for (const { ring } of found) expect(ring[0]).toEqual(ring.at(-1));
  });

  test("are not drawn where the camera's pixels or heading are not known", () => {
    expect(bands(camera(1, 3, { widthPx: null }))).toEqual([]);
    expect(bands(camera(1, 3, { headingDeg: null }))).toEqual([]);
    expect(cone(camera(1, 3, { headingDeg: null }))).toBeNull();
  });

  test("turn with the camera, whose cone narrows as it comes closer", () => {
    const home = camera(1, 3);
    const told = { camera: home.id, heading_deg: 180, tilt: 0, zoom: 0 };
    expect(looking(home, undefined)).toBe(home);
    const [, first, ...rest] = cone(looking(home, told)) ?? [];
    expect(first?.[1]).toBeLessThan(50.6);
    for (const [, lat] of rest.slice(0, -1)) expect(lat, "it looks south").toBeLessThan(50.6);
    expect(bands(looking(home, told))).toHaveLength(bands(home).length);
    const closer = looking(home, { ...told, zoom: 1 });
    expect(closer.fovDeg).toBeCloseTo(60 / 8);
    expect(bands(closer), "how fine it is then nobody knows").toEqual([]);
    expect(looking(home, { ...told, heading_deg: null }).headingDeg).toBe(90);
  });

  test("a camera that turns reaches all around", () => {
    const circle = reach(camera(1, 3, { rangeM: 100 }));
    for (const [lon, lat] of circle) expect(metresBetween({ lon: 3, lat: 50.6 }, { lon, lat })).toBeCloseTo(100, 0);
  });
});

describe("the mark of a camera", () => {
  test.each([
    ["ok", false, "none", "free"], ["ok", false, "mine", "mine"], ["ok", false, "others", "taken"],
    ["lost", false, "none", "lost"], ["lost", false, "mine", "mine-lost"], ["lost", false, "others", "taken-lost"],
    ["ok", true, "none", "suspended"], ["ok", true, "mine", "suspended"], ["lost", true, "none", "suspended"],
    ["maintenance", false, "none", "maintenance"], ["maintenance", false, "mine", "mine"],
  ] as const)("%s, suspended %s, watched by %s", (state, suspended, by, mark) => expect(markOf(state, suspended, by)).toBe(mark));
});
