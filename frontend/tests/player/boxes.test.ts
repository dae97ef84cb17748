import { describe, expect, test } from "vitest";
import { boxesIn, firstBoxType, isInitialisation, ntpToUnixMs, readChunk, readTrack, Unreadable } from "../../src/player/boxes";
import { AVCC, box, chunk, initialisation, u32 } from "./laid";

const CAPTURED = Date.UTC(2026, 10, 22, 4, 12, 7, 250);

describe("an initialisation segment", () => {
  test("is told from a chunk by its first box", () => {
    expect(isInitialisation(initialisation(90_000))).toBe(true);
    expect(isInitialisation(chunk({ decodeTime: 0, capturedUnixMs: CAPTURED }))).toBe(false);
    expect(firstBoxType(chunk({ decodeTime: 0, capturedUnixMs: CAPTURED }))).toBe("prft");
    expect(firstBoxType(chunk({ decodeTime: 0 }))).toBe("moof");
  });

  test("gives the timescale and the decoder's record, whole", () => {
    const track = readTrack(initialisation(90_000));
    expect(track.timescale).toBe(90_000);
    expect([...(track.decoderRecord ?? [])]).toEqual(AVCC);
    expect(track.defaultDuration).toBe(500);
  });

  test("without a media header is named unreadable", () => {
    expect(() => readTrack(box("moov"))).toThrow(Unreadable);
  });
});

describe("a chunk", () => {
  const track = readTrack(initialisation(12_000));

  test("gives the capture time of its prft to the millisecond", () => {
    const read = readChunk(chunk({ decodeTime: 24_000, capturedUnixMs: CAPTURED }), track);
    expect(read.capturedUnixMs).toBeCloseTo(CAPTURED, 1);
  });

  test("gives times beyond 32 bits, and a composition offset that is negative", () => {
    const decodeTime = 2 ** 40 + 12_000;
    expect(readChunk(chunk({ decodeTime }), track).presentationTime).toBe(decodeTime);
    expect(readChunk(chunk({ decodeTime: 5_000, offset: -1_000 }), track).presentationTime).toBe(4_000);
  });

  test("is a key frame by its sample flags, in the run or by default", () => {
    expect(readChunk(chunk({ decodeTime: 0, key: true }), track).key).toBe(true);
    expect(readChunk(chunk({ decodeTime: 0, key: false }), track).key).toBe(false);
    const bare = box("moof", box("traf", box("tfhd", u32(0x02_0000), u32(1)), box("trun", u32(1), u32(1), u32(0))));
    const whole = Uint8Array.from([...bare, ...box("mdat", [1])]);
    expect(readChunk(whole, track)).toMatchObject({ key: false, duration: 500 });
    expect(readChunk(whole, { ...track, defaultFlags: 0 }).key).toBe(true);
  });

  test("gives its payload unchanged", () => {
    expect([...readChunk(chunk({ decodeTime: 0, payload: [0, 0, 0, 2, 0x65, 7] }), track).payload]).toEqual([0, 0, 0, 2, 0x65, 7]);
  });

  test("without mdat, or with a box longer than the message, is unreadable", () => {
    expect(() => readChunk(box("moof"), track)).toThrow(Unreadable);
    expect(() => boxesIn(Uint8Array.from([...u32(99), 109, 100, 97, 116]))).toThrow(/do not fit/);
    expect(() => boxesIn(Uint8Array.from([...u32(4), 109, 100, 97, 116]))).toThrow(Unreadable);
  });

  test("cut at any byte is read or refused, and never loops", () => {
    const whole = chunk({ decodeTime: 7, capturedUnixMs: CAPTURED, key: true });
    for (let length = 0; length < whole.length; length++) {
      try {
        readChunk(whole.subarray(0, length), track);
      } catch (error) {
        expect(error instanceof Unreadable || error instanceof RangeError).toBe(true);
      }
    }
  });
});

test("NTP starts in 1900, Unix in 1970", () => {
  expect(ntpToUnixMs(2_208_988_800, 0)).toBe(0);
  expect(ntpToUnixMs(2_208_988_801, 2 ** 31)).toBe(1_500);
});
