import { expect, test } from "vitest";
import { DeadZone, Joystick, type Pad } from "../../src/steering/joystick";

const pad = (axes: number[], change: Partial<Pad> = {}): Pad => ({ connected: true, mapping: "", axes, ...change });

test("a stick that trembles at the edge of its dead zone neither wakes nor sleeps again and again", () => {
  const zone = new DeadZone();
  expect([0.05, 0.15, 0.19].map((at) => zone.take(at))).toEqual([0, 0, 0]);
  expect(zone.take(0.21)).toBeGreaterThan(0);
  expect(zone.take(0.15)).toBeGreaterThan(0);
  expect([0.11, 0.19].map((at) => zone.take(at))).toEqual([0, 0]);
});

test("it creeps at first, reaches full speed at its end, and turns both ways alike", () => {
  const zone = new DeadZone();
  const [a, b, c] = [0.25, 0.5, 1].map((at) => zone.take(at)) as [number, number, number];
  expect(a).toBeLessThan(b);
  expect(b).toBeLessThan(0.25);
  expect(c).toBe(1);
  expect(zone.take(-1)).toBe(-1);
  expect(new DeadZone().take(5)).toBe(1);
  expect(new DeadZone().take(Number.NaN)).toBe(0);
});

test("pushed away from oneself the camera looks up; a joystick is twisted to zoom, a gamepad has a second stick", () => {
  expect(new Joystick().read([null, pad([1, -1, 0.9])])).toMatchObject({ pan: 1, tilt: 1 });
  expect(new Joystick().read([pad([0, 0, 1])])).toMatchObject({ zoom: 1 });
  expect(new Joystick().read([pad([0, 0, 1, -1], { mapping: "standard" })])).toMatchObject({ pan: 0, zoom: 1 });
});

test("sticks at rest, no pad and one that was pulled out ask for nothing", () => {
  const joystick = new Joystick();
  expect(joystick.read([pad([0.03, -0.02, 0])])).toBeNull();
  expect(joystick.read([pad([1, 0])])).not.toBeNull();
  expect(joystick.read([pad([1, 0], { connected: false })])).toBeNull();
  expect(joystick.read([])).toBeNull();
});
