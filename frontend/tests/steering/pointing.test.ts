import { expect, test } from "vitest";
import { placeOf } from "../../src/steering/pointing";

const picture = { left: 100, top: 50, width: 800, height: 400 };

test("a click brings its point to the centre: from left to right, and from bottom to top", () => {
  expect(placeOf(picture, { x: 500, y: 250 }, { x: 500, y: 250 }, 0)).toEqual({ x: 0, y: 0 });
  expect(placeOf(picture, { x: 900, y: 50 }, { x: 903, y: 52 }, 0)).toEqual({ x: 1, y: 1 });
  expect(placeOf(picture, { x: 300, y: 350 }, { x: 300, y: 350 }, 0.4)).toEqual({ x: -0.5, y: -0.5 });
});

test("a frame brings its middle to the centre, and closer the smaller it is", () => {
  const half = placeOf(picture, { x: 100, y: 50 }, { x: 500, y: 250 }, 0)!;
  expect(half).toEqual({ x: -0.5, y: 0.5, zoom: 0.5 });
  expect(placeOf(picture, { x: 480, y: 240 }, { x: 520, y: 260 }, 0)!.zoom).toBeCloseTo(0.95);
  expect(placeOf(picture, { x: 480, y: 240 }, { x: 520, y: 260 }, 0.5)!.zoom).toBeCloseTo(0.975);
});

test("a frame that leaves the picture ends at its edge; a hand that begins beside it means nothing", () => {
  expect(placeOf(picture, { x: 500, y: 250 }, { x: 5_000, y: 5_000 }, 0)).toEqual({ x: 0.5, y: -0.5, zoom: 0.5 });
  expect(placeOf(picture, { x: 50, y: 250 }, { x: 500, y: 250 }, 0)).toBeNull();
  expect(placeOf({ ...picture, width: 0 }, { x: 100, y: 60 }, { x: 100, y: 60 }, 0)).toBeNull();
});
