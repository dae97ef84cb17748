import { describe, expect, test } from "vitest";
import { ageBand, ClockOffset, ReadAge, tileState, type Watched } from "../../src/player/age";
import { readChunk, readTrack } from "../../src/player/boxes";
import { Timeline } from "../../src/player/timeline";
import { chunk, initialisation } from "./laid";

const watched = (change: Partial<Watched>): Watched => ({ ageMs: 200, source: "ok", ended: null, ...change });

describe("a tile", () => {
  test("is live up to a second, late above, frozen above three", () => {
    expect(tileState(watched({ ageMs: 1_000 }))).toBe("live");
    expect(tileState(watched({ ageMs: 1_001 }))).toBe("late");
    expect(tileState(watched({ ageMs: 3_000 }))).toBe("late");
    expect(tileState(watched({ ageMs: 3_001 }))).toBe("frozen");
  });

  test("whose source is lost says its picture's age as long as there is a picture", () => {
    expect(tileState(watched({ ageMs: 4_000, source: "lost" }))).toBe("frozen");
    expect(tileState(watched({ ageMs: null, source: "lost" }))).toBe("lost");
    expect(tileState(watched({ ageMs: null }))).toBe("opening");
  });

  test("that ended says so, whatever its picture's age", () => {
    expect(tileState(watched({ ended: { cause: "suspended" } }))).toBe("suspended");
    expect(tileState(watched({ ended: { cause: "event-closed" }, ageMs: 9_000 }))).toBe("ended");
  });
});

describe("the node's clock", () => {
  test("is read from its least delayed word", () => {
    const offset = new ClockOffset();
    offset.take(10_500, 10_000 + 180); // 180 ms on the way
    offset.take(15_500, 15_000 + 4);
    offset.take(20_500, 20_000 + 90);
    expect(offset.ms).toBe(496);
  });

  test("is forgotten after a minute, so that a step of this machine's clock heals", () => {
    const offset = new ClockOffset();
    offset.take(100_000, 0);
    for (let at = 5_000; at <= 70_000; at += 5_000) offset.take(at + 20, at);
    expect(offset.ms).toBe(20);
  });
});

describe("the timeline", () => {
  const track = readTrack(initialisation(12_000));
  const at = (decodeTime: number, capturedUnixMs: number) => readChunk(chunk({ decodeTime, capturedUnixMs }), track);

  test("starts at nothing and knows when each picture was captured", () => {
    const timeline = new Timeline();
    expect(timeline.place(at(900_000, 1_000), 12_000)).toBe(0);
    expect(timeline.place(at(901_000, 1_083), 12_000)).toBe(83_333);
    expect(timeline.capturedAt(83_332)).toBeCloseTo(1_083, 1);
    expect(timeline.capturedAt(0)).toBeCloseTo(1_000, 1);
  });

  test("does not guess where no picture is near", () => {
    const timeline = new Timeline();
    timeline.place(at(0, 1_000), 12_000);
    expect(timeline.capturedAt(60_000)).toBeNull();
  });

  test("goes on forwards when the camera starts its own again", () => {
    const timeline = new Timeline();
    timeline.place(at(900_000, 1_000), 12_000);
    const last = timeline.place(at(901_000, 1_083), 12_000);
    const again = timeline.place(at(0, 9_000), 12_000);
    expect(again).toBeGreaterThan(last);
    expect(again - last).toBeLessThan(200_000);
    expect(timeline.capturedAt(again)).toBeCloseTo(9_000, 1);
  });

  test("keeps a bounded memory of ten minutes of pictures", () => {
    const timeline = new Timeline();
    let last = 0;
    for (let n = 0; n < 7_500; n++) last = timeline.place(at(n * 1_000, 1_000 + n * 83), 12_000);
    expect(timeline.capturedAt(last)).toBeCloseTo(1_000 + 7_499 * 83, 0);
    expect(timeline.capturedAt(0)).toBeNull();
  });
});

describe("the age that is read", () => {
  test("changes once a second, and at once where it became late or frozen", () => {
    const read = new ReadAge();
    expect(read.take(120, 0)).toBe(120);
    expect(read.take(640, 300)).toBe(120);
    expect(read.take(650, 1_000)).toBe(650);
    expect(read.take(1_200, 1_100)).toBe(1_200);
    expect(read.take(1_500, 1_400)).toBe(1_200);
    expect(read.take(3_100, 1_500)).toBe(3_100);
    expect(read.take(90, 1_600)).toBe(3_100);
    expect(read.take(95, 2_500)).toBe(95);
    expect(read.take(null, 2_501)).toBeNull();
  });

  test("is no figure below half a second", () => {
    expect([0, 499, 500, 1_000, 1_001, 3_001].map(ageBand)).toEqual(["direct", "direct", "recent", "recent", "late", "frozen"]);
  });
});
