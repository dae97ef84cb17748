import { expect, test } from "vitest";
import { RequestAlert, TONE_EVERY_MS } from "../../src/steering/alert";

test("a tone calls at once for a new request, then every 10 s until it is seen", () => {
  const alert = new RequestAlert();
  const tones: number[] = [];
  for (let ms = 0; ms <= 25_000; ms += 100) if (alert.due(["a1"], ms)) tones.push(ms);
  expect(tones).toEqual([0, TONE_EVERY_MS, 2 * TONE_EVERY_MS]);
  alert.see(["a1"]);
  expect(alert.due(["a1"], 60_000)).toBe(false);
});

test("what was seen stays silent, and another one calls", () => {
  const alert = new RequestAlert();
  alert.due(["a1"], 0);
  alert.see(["a1"]);
  expect(alert.due(["a1"], 100)).toBe(false);
  expect(alert.due(["a1", "a2"], 200)).toBe(true);
});

test("an answered request is silent, and one that comes again calls again", () => {
  const alert = new RequestAlert();
  alert.due(["a1"], 0);
  alert.see(["a1"]);
  expect(alert.due([], 100)).toBe(false);
  expect(alert.due(["a1"], 200)).toBe(true);
});
