import { expect, test } from "vitest";
import { primer, readEntry } from "../../src/player/primer";

/** 320×240, 4:2:0, frames only; of the transcripts that stand beside the relay's tests. */
const SPS = [0x67, 0x42, 0xc0, 0x0d, 0xda, 0x05, 0x07, 0xe8, 0x40, 0, 0, 3, 0, 0x40, 0, 0, 0x0c, 0xa3, 0xc5, 0x0a, 0xa8];
const PPS = [0x68, 0xce, 0x0f, 0xc8];
const record = (sps: number[]) => Uint8Array.from([1, sps[1] ?? 0, sps[2] ?? 0, sps[3] ?? 0, 0xff, 0xe1, 0, sps.length, ...sps, 1, 0, PPS.length, ...PPS]);
const unit = (...bytes: number[]) => [0, 0, 0, bytes.length, ...bytes];
const kinds = (payload: Uint8Array) => {
  const words = new DataView(payload.buffer);
  const seen: [number, number][] = [];
  for (let at = 0; at < payload.length; at += 4 + words.getUint32(at)) seen.push([(payload[at + 4] ?? 0) & 31, words.getUint32(at)]);
  return seen;
};

test("a grey picture has a parameter set of its own and a macroblock a byte", () => {
  const made = primer(record(SPS));
  const [set, picture] = made ? kinds(made) : [];
  expect([set?.[0], picture?.[0]]).toEqual([8, 5]);
  expect(picture?.[1]).toBeGreaterThan(20 * 15);
  expect(picture?.[1]).toBeLessThan(20 * 15 + 12);
});

test("where its macroblocks would be others no grey picture is made, whatever the set says", () => {
  const high422 = [0x67, 122, 0, 13, 0b1_011_1_1_0_0, 0xff, 0xff, 0xff];
  expect(primer(record(high422))).toBeNull();
  for (let length = 0; length < SPS.length; length++) expect(() => primer(record(SPS.slice(0, length)))).not.toThrow();
  expect(primer(new Uint8Array(0))).toBeNull();
});

test("an entry point is an IDR, or says in how many pictures all is whole", () => {
  expect(readEntry(Uint8Array.from(unit(0x65, 0x88, 0x84)))).toEqual({ idr: true, wholeAfter: 0 });
  // recovery_frame_cnt 18 is ue 000010011; behind another supplement.
  const recovery = unit(0x06, 5, 2, 0xaa, 0xbb, 6, 2, 0b00001001, 0b11000000, 0x80);
  expect(readEntry(Uint8Array.from([...recovery, ...unit(0x41, 0x9a, 0x84)]))).toEqual({ idr: false, wholeAfter: 18 });
  expect(readEntry(Uint8Array.from(unit(0x41, 0x9a, 0x84)))).toEqual({ idr: false, wholeAfter: 0 });
  expect(readEntry(Uint8Array.from([0, 0, 1]))).toEqual({ idr: false, wholeAfter: 0 });
});
