import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { EngineListener, PlacedChunk } from "../../src/player/engine";
import { MseEngine } from "../../src/player/mse";
import { FakeBuffer, FakeMedia, FRAME_US, withMediaSource } from "./media";

let media: FakeMedia;
let failed: string[];

beforeEach(() => {
  vi.useFakeTimers();
  media = new FakeMedia();
  failed = [];
  withMediaSource(media);
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function engine(codec = "avc1.42c01e"): MseEngine {
  const listener: EngineListener = { presented: () => undefined, failed: (why) => failed.push(why) };
  const made = new MseEngine(media.stage, listener);
  const track = { timescale: 90_000, decoderRecord: null, defaultDuration: 0, defaultFlags: 0 };
  made.describe({ codec, width: 1, height: 1, timescale: 90_000 }, track, new Uint8Array(0));
  if (media.buffer.updating) media.buffer.end();
  return made;
}

/** Push pictures, one byte each, and play along. */
function push(one: MseEngine, from: number, count: number, keyEvery: number): void {
  for (let number = from; number < from + count; number++) {
    const timeUs = number * FRAME_US;
    const chunk = { timeUs, decodeUs: timeUs, durationUs: FRAME_US, baseUs: 0, key: number % keyEvery === 0, bytes: new Uint8Array(1) };
    one.push(chunk as PlacedChunk);
    for (let ends = 0; media.buffer.updating && ends < 9; ends++) media.buffer.end();
    media.currentTime = Math.max(0, media.buffer.endS - 0.12);
  }
}

test("a codec that the browser does not play is told at once", () => {
  engine("hvc1.1.6.L93.B0");
  expect(failed).toEqual(["no decoder for hvc1.1.6.L93.B0"]);
});

test("what was played is forgotten up to a key frame, so that nothing on the screen needs it", () => {
  push(engine(), 0, 1_000, 50);
  expect(media.buffer.removed.length).toBeGreaterThan(2);
  for (const [, untilS] of media.buffer.removed) expect(untilS % 2).toBeCloseTo(0, 2);
  expect(media.buffer.endS - media.buffer.startS).toBeLessThan(14);
});

test("of a group of pictures that is longer than what is kept nothing is forgotten before the next one", () => {
  const one = engine();
  push(one, 0, 620, 500);
  expect(media.buffer.removed).toEqual([]);
  push(one, 620, 200, 500);
  expect(media.buffer.removed.map(([, untilS]) => Math.round(untilS))).toEqual([20]);
  expect(failed).toEqual([]);
});

test("a source buffer that holds no picture of all that it took is given up", () => {
  const one = engine();
  media.buffered.length = 0;
  push(one, 0, 75, 50);
  expect(failed).toEqual([]);
  push(one, 75, 2, 50);
  expect(failed[0]).toBe("the browser takes no picture of it");
});

test("where the browser has no room, what was played makes some, and nothing is lost", () => {
  const one = engine();
  push(one, 0, 120, 50);
  const { appends } = media.buffer;
  media.buffer.full = true;
  one.push({ timeUs: 120 * FRAME_US, decodeUs: 120 * FRAME_US, durationUs: FRAME_US, baseUs: 0, key: false, bytes: new Uint8Array(1) } as PlacedChunk);
  expect(media.buffer.removed.map(([, untilS]) => Math.round(untilS))).toEqual([4]);
  media.buffer.full = false;
  media.buffer.end();
  expect([media.buffer.appends, failed]).toEqual([appends + 1, []]);
});

test("a group too long for the browser is left, and the picture begins anew at the next key frame", () => {
  const one = engine();
  push(one, 0, 120, 1_000);
  media.buffer.full = true;
  push(one, 120, 1, 1_000);
  expect(media.buffer.removed).toEqual([[0, Infinity]]);
  media.buffer.full = false;
  const { appends } = media.buffer;
  push(one, 121, 879, 1_000);
  expect(media.buffer.appends).toBe(appends);
  push(one, 1_000, 5, 1_000);
  expect([media.buffer.appends, failed]).toEqual([appends + 5, []]);
});

test("a browser that never has room is given up, and a source buffer that hangs as well", () => {
  const one = engine();
  push(one, 0, 10, 5);
  media.buffer.full = true;
  push(one, 10, 50, 5);
  expect(failed[0]).toBe("the source buffer has no room");
  failed = [];
  media.buffer = new FakeBuffer();
  const hung = engine();
  media.buffer.updating = true;
  vi.advanceTimersByTime(11_000);
  push(hung, 0, 0, 1);
  hung.push({ timeUs: 0, decodeUs: 0, durationUs: FRAME_US, baseUs: 0, key: true, bytes: new Uint8Array(1) } as PlacedChunk);
  expect(failed).toEqual(["the source buffer takes nothing any more"]);
});
