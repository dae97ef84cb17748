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
  constructor(readonly options: { output: (frame: unknown) => void; error: (error: unknown) => void }) {
    Decoder.newest = this;
  }
  configure(): void {
    this.state = "configured";
  }
  reset(): void {
    this.resets += 1;
    this.decodeQueueSize = 0;
    this.#timesUs = [];
  }
  close(): void {
    this.state = "closed";
  }
  decode({ type, timestamp }: { type: string; timestamp: number }): void {
    this.taken.push(type);
    this.#timesUs.push(timestamp);
    this.decodeQueueSize += 1;
  }
  #timesUs: number[] = [];
  give(count: number): void {
    for (let i = 0; i < count; i++) {
      this.decodeQueueSize -= 1;
      this.options.output({ timestamp: this.#timesUs.shift(), close: () => undefined });
    }
  }
}

let shown = 0;
let said: FromDecoder[] = [];
let ask: (message: ToDecoder) => void = () => undefined;

async function tile(): Promise<void> {
  vi.resetModules();
  shown = 0;
  said = [];
  const worker = { postMessage: (message: FromDecoder) => said.push(message), onmessage: null as null | ((event: { data: ToDecoder }) => void) };
  vi.stubGlobal("self", worker);
  vi.stubGlobal("VideoDecoder", Decoder);
  vi.stubGlobal("EncodedVideoChunk", class { type: string; timestamp: number; constructor(init: { type: string; timestamp: number }) { this.type = init.type; this.timestamp = init.timestamp; } });
  await import("../../src/player/decoder.worker");
  ask = (data) => worker.onmessage?.({ data });
  const writer = { desiredSize: 1, write: () => ((shown += 1), Promise.resolve()), abort: () => Promise.resolve() };
  ask({ do: "open", tile: 1, writable: { getWriter: () => writer } as unknown as WritableStream<VideoFrame> });
  ask({ do: "configure", tile: 1, config: { codec: "avc1.42c01e" } });
}
const push = (count: number, key = false) => {
  for (let i = 0; i < count; i++) ask({ do: "decode", tile: 1, bytes: new Uint8Array(1), timeUs: i, key });
};

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** Push a picture of a stream of 25 a second, key frames every `keyEvery`. */
const live = (number: number, keyEvery: number) => ask({ do: "decode", tile: 1, bytes: new Uint8Array(1), timeUs: number * 40_000, key: number % keyEvery === 0 });
const failure = () => said.flatMap((message) => ("failed" in message ? [message.failed] : []));


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

test("a machine that decodes too slowly shows fewer pictures rather than old ones", async () => {
  await tile();
  live(0, 50);
  Decoder.newest.give(1);
  let oldest = 0;
  for (let number = 1; number < 500; number++) {
    live(number, 50);
    // Two of three pictures are decoded in time.
    if (number % 3) Decoder.newest.give(Math.min(1, Decoder.newest.decodeQueueSize));
    oldest = Math.max(oldest, Decoder.newest.decodeQueueSize * 40);
  }
  expect(oldest).toBeLessThanOrEqual(1_600);
  expect(Decoder.newest.resets).toBeGreaterThan(0);
  expect(Decoder.newest.taken.filter((type) => type === "key").length).toBe(10);
  expect(failure()).toEqual([]);
});

test("within a long group a machine that is a little late is not sent to the next key frame", async () => {
  await tile();
  for (let number = 0; number < 501; number++) {
    live(number, 250);
    Decoder.newest.give(1);
  }
  for (let number = 501; number < 561; number++) live(number, 250);
  expect(Decoder.newest.resets).toBe(0);
});

test("a machine that never catches up goes on with the next key frame", async () => {
  vi.useFakeTimers();
  await tile();
  push(1, true);
  push(1_500);
  Decoder.newest.give(10);
  vi.advanceTimersByTime(11_000);
  push(1);
  expect([Decoder.newest.resets, failure()]).toEqual([1, []]);
});

test("a decoder that the browser took back is told at once, and one that gives nothing after three seconds", async () => {
  vi.useFakeTimers();
  await tile();
  live(0, 50);
  Decoder.newest.options.error(new DOMException("reclaimed", "QuotaExceededError"));
  expect(failure()).toEqual(["reclaimed"]);
  await tile();
  for (let number = 0; number < 60; number++) {
    live(number, 250);
    vi.advanceTimersByTime(40);
  }
  expect(failure()).toEqual([]);
  for (let number = 60; number < 90; number++) {
    live(number, 250);
    vi.advanceTimersByTime(40);
  }
  expect(failure()).toEqual(["the decoder gives nothing any more"]);
  await tile();
  live(0, 50);
  Decoder.newest.state = "closed";
  live(1, 50);
  expect(failure()).toEqual(["the decoder was closed"]);
});

test("a picture that cannot be decoded costs its group, and only many in a row the decoder", async () => {
  await tile();
  for (let trouble = 1; trouble <= 4; trouble++) {
    live(0, 50);
    Decoder.newest.options.error(new DOMException("bad", "EncodingError"));
    expect(failure()).toEqual(trouble <= 3 ? [] : ["bad"]);
  }
});

test("a stream whose pictures are shown later than they are decoded is one out of order", () => {
  expect(isReordered({ timeUs: 1_080_000, baseUs: 1_000_000, decodeUs: 0 })).toBe(true);
  expect(isReordered({ timeUs: 1_000_000, baseUs: 1_000_000, decodeUs: 0 })).toBe(false);
});
