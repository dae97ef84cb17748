import { expect, test } from "vitest";
import { Contiguous } from "../../src/player/contiguous";

const at = (decodeUs: number, durationUs = 80_000, baseUs = -1_000_000) => ({ decodeUs, durationUs, baseUs, timeUs: decodeUs + baseUs });

test("pictures that follow each other stand as they are, jitter and all", () => {
  const line = new Contiguous();
  for (const decodeUs of [1_000_000, 1_080_000, 1_168_000, 1_240_000]) expect(line.place(at(decodeUs))).toBe(-999_000);
  expect(line.timeOf(169_000)).toBe(168_000);
});

test("a hole is closed up, and the shown picture's real time is found again", () => {
  const line = new Contiguous();
  line.place(at(1_000_000));
  const offsetUs = line.place(at(1_500_000));
  expect(1_500_000 + offsetUs).toBe(81_000);
  expect(line.timeOf(1_000)).toBe(0);
  expect(line.timeOf(81_000)).toBe(500_000);
  expect(line.place(at(1_580_000))).toBe(offsetUs);
  expect(line.timeOf(160_999)).toBe(579_999);
});

test("a camera that starts its time again goes on forwards", () => {
  const line = new Contiguous();
  line.place(at(9_000_000, 80_000, -9_000_000));
  const offsetUs = line.place(at(0, 80_000, 80_000));
  expect(offsetUs).toBe(81_000);
  expect(line.timeOf(81_000)).toBe(80_000);
});

test("the first picture never stands before the start of time, however its time was rounded", () => {
  for (const decodeUs of [581_667_777, 581_668_000, 581_667_999]) expect(decodeUs + new Contiguous().place(at(decodeUs, 80_000, -581_668_000))).toBeGreaterThan(0);
});
