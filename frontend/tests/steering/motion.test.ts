import { describe, expect, test } from "vitest";
import type { Velocity } from "../../src/api/types";
import { HeldKeys, REPEAT_MS, RepeatClock, turnOf } from "../../src/steering/motion";

describe("the keys that are down", () => {
  test("turn the camera their way, and opposite ones not at all", () => {
    const keys = new HeldKeys();
    keys.press("left", 0);
    keys.press("up", 0);
    const both = keys.velocity(0)!;
    expect(both.pan).toBeLessThan(0);
    expect(both.tilt).toBeGreaterThan(0);
    expect(both.zoom).toBe(0);
    keys.press("right", 10);
    expect(keys.velocity(2_000)!.pan).toBe(0);
    keys.releaseAll();
    expect(keys.velocity(3_000)).toBeNull();
  });

  test("turn faster the longer they stay down, never above the bound; a repeated keydown changes nothing", () => {
    const keys = new HeldKeys();
    keys.press("in", 0);
    const tap = keys.velocity(0)!.zoom;
    keys.press("in", 900);
    const held = keys.velocity(1_000)!.zoom;
    expect(tap).toBeGreaterThan(0);
    expect(held).toBeGreaterThan(tap);
    expect(keys.velocity(60_000)!.zoom).toBeLessThanOrEqual(1);
  });

  test("are the arrows, plus, minus and the page keys", () => {
    expect(["ArrowLeft", "ArrowDown", "+", "=", "-", "PageUp", "PageDown", "a"].map(turnOf)).toEqual(["left", "down", "in", "in", "out", "in", "out", null]);
  });
});

describe("what is said to the node", () => {
  const right: Velocity = { pan: 0.3, tilt: 0, zoom: 0 };

  test("is a movement at once, the same again each 150 to 200 ms, and one stop", () => {
    const clock = new RepeatClock();
    const said: number[] = [];
    for (let ms = 0; ms <= 1_000; ms += 10) if (clock.take(right, ms)) said.push(ms);
    expect(said[0]).toBe(0);
    const gaps = said.slice(1).map((ms, at) => ms - said[at]!);
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(150);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(200);
    expect(clock.take(null, 1_010)).toEqual({ say: "stop" });
    expect(clock.take(null, 1_020)).toBeNull();
  });

  test("is a new direction without waiting, and no new one for a little more speed", () => {
    const clock = new RepeatClock();
    clock.take(right, 0);
    expect(clock.take({ ...right, pan: 0.4 }, 50)).toBeNull();
    expect(clock.take({ ...right, tilt: -0.2 }, 60)).toMatchObject({ say: "move" });
    expect(clock.take(right, 60 + REPEAT_MS)).toMatchObject({ say: "move" });
  });
});
