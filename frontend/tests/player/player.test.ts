import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Answer } from "../../src/api/client";
import type { OpenedStream } from "../../src/api/types";
import { ClockOffset } from "../../src/player/age";
import type { Closing } from "../../src/player/closing";
import { Player } from "../../src/player/player";
import { chunk, initialisation } from "./laid";
import { FakeMedia, withMediaSource } from "./media";

class Socket {
  static all: Socket[] = [];
  onclose: ((event: { code: number; reason: string }) => void) | null = null;
  onmessage: ((event: { data: string | ArrayBuffer }) => void) | null = null;
  constructor(readonly url: string) {
    Socket.all.push(this);
  }
  close(): void {}
}

const opened = (id: string): OpenedStream => ({ id, camera: "vda-001", media_url: `ws://${id}`, slot: 1, slots: 8, slots_used: 1, articles: [], valid_until: null });
let page: { hidden: boolean; heard: (() => void)[] };
let answer: (said: Answer<OpenedStream>) => void = () => undefined;
let asked = 0;
let told: { unwanted: string[]; ended: Closing[] };

beforeEach(() => {
  vi.useFakeTimers();
  Socket.all = [];
  page = { hidden: false, heard: [] };
  asked = 0;
  told = { unwanted: [], ended: [] };
  vi.stubGlobal("WebSocket", Socket);
  vi.stubGlobal("document", {
    get hidden() { return page.hidden; },
    addEventListener: (_: string, hear: () => void) => page.heard.push(hear),
    removeEventListener: () => undefined,
  });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function player(media = new FakeMedia()): Player {
  const ask = () => new Promise<Answer<OpenedStream>>((resolve) => ((asked += 1), (answer = resolve)));
  return new Player(media.stage, ask, new ClockOffset(), {
    opened: () => undefined,
    ended: (closing) => told.ended.push(closing),
    refused: () => undefined,
    unwanted: ({ id }) => told.unwanted.push(id),
  });
}
const show = (hidden: boolean) => {
  page.hidden = hidden;
  for (const hear of page.heard) hear();
};

test("a page that nobody sees at the start takes no stream, and asks for one once it is seen", async () => {
  page.hidden = true;
  player().start(opened("first"));
  expect(Socket.all).toEqual([]);
  show(false);
  await vi.advanceTimersByTimeAsync(200);
  expect(asked).toBe(1);
  answer({ ok: true, body: opened("second") });
  await vi.advanceTimersByTimeAsync(0);
  expect(Socket.all.map(({ url }) => url)).toEqual(["ws://second"]);
});

test("an answer that comes once the page is hidden opens no socket", async () => {
  player().start(opened("first"));
  Socket.all[0]?.onclose?.({ code: 1006, reason: "" });
  await vi.advanceTimersByTimeAsync(200);
  show(true);
  answer({ ok: true, body: opened("second") });
  await vi.advanceTimersByTimeAsync(20_000);
  expect(Socket.all).toHaveLength(1);
});

test("a picture that was closed while it was asked for again is given back", async () => {
  const one = player();
  one.start(opened("first"));
  Socket.all[0]?.onclose?.({ code: 1006, reason: "" });
  await vi.advanceTimersByTimeAsync(200);
  one.stop();
  answer({ ok: true, body: opened("second") });
  await vi.advanceTimersByTimeAsync(0);
  expect(told.unwanted).toEqual(["second"]);
  expect(Socket.all).toHaveLength(1);
});

test("a picture that another window took up ends here, and is not asked for again", async () => {
  player().start(opened("first"));
  Socket.all[0]?.onclose?.({ code: 1000, reason: '{"cause": "replaced", "article": null}' });
  await vi.advanceTimersByTimeAsync(10_000);
  expect(told.ended).toEqual([{ cause: "replaced", article: null }]);
  expect(asked).toBe(0);
});

const say = (told: object) => Socket.all[0]?.onmessage?.({ data: JSON.stringify(told) });
const send = (bytes: Uint8Array<ArrayBuffer>) => Socket.all[0]?.onmessage?.({ data: bytes.buffer });
const describe = (codec: string) => {
  say({ codec, width: 640, height: 360, timescale: 90_000, camera: "vda-001", viewing: "v" });
  send(initialisation(90_000));
};
const H265 = "hvc1.1.6.L93.B0";

test("a workstation that cannot decode H.265 says so, whatever the camera showed before, and plays on once it can", () => {
  const media = new FakeMedia();
  withMediaSource(media);
  const one = player(media);
  one.start(opened("first"));
  describe("avc1.42c01e");
  send(chunk({ decodeTime: 0, capturedUnixMs: 1_800_000_000_000, key: true, duration: 3_600 }));
  media.present?.(0.001);
  expect([one.engineKind, one.undecodable, one.firstPictureAtMs === null]).toEqual(["mse", null, false]);
  describe(H265);
  expect([one.engineKind, one.undecodable]).toEqual([null, H265]);
  describe("avc1.42c01e");
  expect([one.engineKind, one.undecodable]).toEqual(["mse", null]);
  one.stop();
});

test("in how long the first picture comes is told until it comes, and no longer than it is due", () => {
  const media = new FakeMedia();
  withMediaSource(media);
  const one = player(media);
  one.start(opened("first"));
  expect(one.firstPictureInS()).toBeNull();
  say({ first_picture_in_ms: 11_500 });
  expect(one.firstPictureInS()).toBe(12);
  vi.advanceTimersByTime(9_000);
  expect(one.firstPictureInS()).toBe(3);
  vi.advanceTimersByTime(3_000);
  expect(one.firstPictureInS()).toBeNull();
  say({ first_picture_in_ms: 11_500 });
  describe("avc1.42c01e");
  send(chunk({ decodeTime: 0, key: true }));
  expect(one.firstPictureInS()).toBeNull();
  one.stop();
});
