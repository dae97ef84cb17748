import { afterEach, expect, test, vi } from "vitest";
import type { FromDecoder, ToDecoder } from "../../src/player/webcodecs";
import { isReordered } from "../../src/player/webcodecs";

/** A decoder that decodes when it is told to. */
class Decoder {
  static newest: Decoder;
  state = "unconfigured";
  taken: string[] = [];
  resets = 0;
  decodeQueueSize = 0;
  constructor(readonly options: { output: (frame: unknown) => void }) {
    Decoder.newest = this;
  }
  configure(): void {
    this.state = "configured";
  }
  reset(): void {
    this.resets += 1;
    this.decodeQueueSize = 0;
  }
  close(): void {
    this.state = "closed";
  }
  decode({ type }: { type: string }): void {
    this.taken.push(type);
    this.decodeQueueSize += 1;
  }
  give(count: number): void {
    for (let i = 0; i < count; i++) {
      this.decodeQueueSize -= 1;
      this.options.output({ close: () => undefined });
    }
  }
}

let shown = 0;
let ask: (message: ToDecoder) => void = () => undefined;

async function tile(): Promise<void> {
  vi.resetModules();
  shown = 0;
  const worker = { postMessage: (_: FromDecoder) => undefined, onmessage: null as null | ((event: { data: ToDecoder }) => void) };
  vi.stubGlobal("self", worker);
  vi.stubGlobal("VideoDecoder", Decoder);
  vi.stubGlobal("EncodedVideoChunk", class { type: string; constructor(init: { type: string }) { this.type = init.type; } });
  await import("../../src/player/decoder.worker");
  ask = (data) => worker.onmessage?.({ data });
  const writer = { desiredSize: 1, write: () => ((shown += 1), Promise.resolve()), abort: () => Promise.resolve() };
  ask({ do: "open", tile: 1, writable: { getWriter: () => writer } as unknown as WritableStream<VideoFrame> });
  ask({ do: "configure", tile: 1, config: { codec: "avc1.42c01e" } });
}
const push = (count: number, key = false) => {
  for (let i = 0; i < count; i++) ask({ do: "decode", tile: 1, bytes: new Uint8Array(1), timeUs: i, key });
};

afterEach(() => vi.unstubAllGlobals());

test("a kept group of pictures of any length is decoded, and its newest picture shown", async () => {
  await tile();
  push(1, true);
  push(1_999);
  const decoder = Decoder.newest;
  expect([decoder.taken.length, decoder.resets]).toEqual([2_000, 0]);
  decoder.give(2_000);
  expect(shown).toBeGreaterThan(0);
  expect(shown).toBeLessThan(20);
});

test("once it has caught up, a decoder that falls behind waits for a key frame", async () => {
  await tile();
  push(1, true);
  Decoder.newest.give(1);
  push(200);
  expect(Decoder.newest.resets).toBe(1);
  const before = Decoder.newest.taken.length;
  push(5);
  expect(Decoder.newest.taken.length).toBe(before);
  push(1, true);
  expect(Decoder.newest.taken.at(-1)).toBe("key");
});

test("a stream whose pictures are shown later than they are decoded is one out of order", () => {
  expect(isReordered({ timeUs: 1_080_000, baseUs: 1_000_000, decodeUs: 0 })).toBe(true);
  expect(isReordered({ timeUs: 1_000_000, baseUs: 1_000_000, decodeUs: 0 })).toBe(false);
});
