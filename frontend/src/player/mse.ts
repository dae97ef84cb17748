/** Media Source Extensions into a `<video>`: about 5 s kept, always near the live edge. */
import type { Track } from "./boxes";
import { Contiguous } from "./contiguous";
import { watchPresented, type Description, type Engine, type EngineListener, type PlacedChunk, type Stage } from "./engine";

const KEPT_S = 5;
const SEEK_BEHIND_S = 2;
/** How far behind the newest picture to play: at the very edge each late picture would stall the element. */
const MARGIN_S = 0.12;
const RATE_MAX = 1.1;
/** Chunks waiting for the source buffer: twice what the relay keeps of a camera; beyond it they begin anew at a key frame. */
const WAITING_MAX = 4_200;
/** A source buffer that takes so long over one append is broken. */
const APPEND_MS_MAX = 10_000;
/** How often in a row the browser may say that it has no room, before the engine gives up. */
const FULL_MAX = 3;
/** Rounding: what ends so much before a key frame does not reach it. */
const BEFORE_S = 0.001;
/** A source buffer that holds nothing after so many pictures never will. */
const UNSHOWN_MAX = 75;
/** Less than this makes no room. */
const ROOM_S_MIN = 0.1;

interface Append {
  bytes: Uint8Array<ArrayBuffer>;
  offsetUs: number;
  /** Of an initialisation segment. */
  type: string | null;
  /** Its time in the media, where it is a key frame. */
  keyS: number | null;
}

export class MseEngine implements Engine {
  readonly kind = "mse";
  #video: HTMLVideoElement;
  #listener: EngineListener;
  #source = new MediaSource();
  #url: string;
  #buffer: SourceBuffer | null = null;
  #waiting: Append[] = [];
  #contiguous = new Contiguous();
  /** Key frames that the source buffer holds: it forgets whole groups of pictures, or it would forget those on the screen. */
  #keysS: number[] = [];
  #needsKey = false;
  #appendsSinceMs = 0;
  #full = 0;
  #taken = 0;
  #type = "";
  #started = false;
  #unwatch: () => void;
  #closed = false;

  constructor(stage: Stage, listener: EngineListener) {
    this.#video = stage.video;
    this.#listener = listener;
    this.#url = URL.createObjectURL(this.#source);
    this.#video.srcObject = null;
    this.#video.src = this.#url;
    this.#source.addEventListener("sourceopen", () => this.#work(), { once: true });
    this.#video.addEventListener("error", this.#broken);
    this.#unwatch = watchPresented(this.#video, (mediaUs) => listener.presented(this.#contiguous.timeOf(mediaUs)));
  }

  describe(description: Description, _track: Track, initialisation: Uint8Array): void {
    const type = `video/mp4; codecs="${description.codec}"`;
    if (!MediaSource.isTypeSupported(type)) return this.#fail(`no decoder for ${description.codec}`);
    this.#enqueue({ bytes: initialisation.slice(), offsetUs: 0, type, keyS: null });
  }

  push(chunk: PlacedChunk): void {
    if (this.#needsKey && !chunk.key) return;
    this.#needsKey = false;
    const offsetUs = this.#contiguous.place(chunk);
    const keyS = chunk.key ? (chunk.timeUs - chunk.baseUs + offsetUs) / 1e6 : null;
    this.#enqueue({ bytes: chunk.bytes.slice(), offsetUs, type: null, keyS });
  }

  close(): void {
    this.#closed = true;
    this.#unwatch();
    this.#video.removeEventListener("error", this.#broken);
    this.#video.removeAttribute("src");
    this.#video.load();
    URL.revokeObjectURL(this.#url);
  }

  #broken = () => this.#fail(this.#video.error?.message ?? "the video element failed");

  #fail(why: string): void {
    if (!this.#closed) this.#listener.failed(why);
  }

  #enqueue(append: Append): void {
    if (this.#closed) return;
    this.#waiting.push(append);
    if (this.#buffer?.updating && performance.now() - this.#appendsSinceMs > APPEND_MS_MAX)
      return this.#fail("the source buffer takes nothing any more");
    if (this.#waiting.length > WAITING_MAX) this.#skip();
    this.#work();
  }

  /** Leave out what waits up to the newest key frame, or all of it until one comes. */
  #skip(): void {
    const key = this.#waiting.findLastIndex(({ keyS }) => keyS !== null);
    this.#waiting = this.#waiting.filter(({ type }, at) => type !== null || (key >= 0 && at >= key));
    this.#needsKey = key < 0;
  }

  #work = (): void => {
    if (this.#closed || this.#source.readyState !== "open" || this.#buffer?.updating) return;
    try {
      this.#follow();
      const first = this.#waiting[0];
      if (!first) return this.#forget();
      if (first.type !== null) {
        this.#take(first.type);
        this.#waiting.shift();
        this.#appendsSinceMs = performance.now();
        this.#buffer?.appendBuffer(first.bytes);
        return;
      }
      const offsetS = first.offsetUs / 1e6;
      const buffer = this.#buffer;
      if (!buffer) return;
      if (buffer.timestampOffset !== offsetS) buffer.timestampOffset = offsetS;
      let count = 1;
      while (this.#waiting[count]?.type === null && this.#waiting[count]?.offsetUs === first.offsetUs) count++;
      const batch = this.#waiting.slice(0, count);
      try {
        buffer.appendBuffer(joined(batch.map((one) => one.bytes)));
      } catch (error) {
        if (!(error instanceof DOMException) || error.name !== "QuotaExceededError") throw error;
        return this.#makeRoom(buffer);
      }
      this.#appendsSinceMs = performance.now();
      this.#waiting.splice(0, count);
      this.#keysS.push(...batch.flatMap(({ keyS }) => (keyS === null ? [] : [keyS])));
      this.#full = 0;
      this.#taken += count;
    } catch (error) {
      this.#fail(String(error));
    }
  };

  #take(type: string): void {
    if (!this.#buffer) {
      this.#buffer = this.#source.addSourceBuffer(type);
      this.#buffer.addEventListener("updateend", this.#work);
    } else if (type !== this.#type) this.#buffer.changeType(type);
    this.#type = type;
  }

  /** Stay near the newest picture: one seek when far behind, a slightly faster rate when a little behind. */
  #follow(): void {
    const ranges = this.#video.buffered;
    if (!ranges.length) {
      // Without a word it leaves out all that comes before a key frame of its liking.
      if (this.#taken > UNSHOWN_MAX) this.#fail("the browser takes no picture of it");
      return;
    }
    const end = ranges.end(ranges.length - 1);
    const start = ranges.start(ranges.length - 1);
    const behind = end - this.#video.currentTime;
    const elsewhere = this.#video.currentTime < start;
    if (!this.#started || behind > SEEK_BEHIND_S || elsewhere) {
      this.#video.currentTime = Math.max(start, end - MARGIN_S);
      if (!this.#started) void this.#video.play().catch(() => undefined);
      this.#started = true;
    } else {
      const late = behind - 2 * MARGIN_S;
      this.#video.playbackRate = late > 0 ? Math.min(RATE_MAX, 1 + late / 2) : 1;
    }
  }

  #forget(): void {
    const ranges = this.#video.buffered;
    if (!this.#buffer || !ranges.length) return;
    const untilS = this.#lastKeyBefore(this.#video.currentTime - KEPT_S);
    if (untilS !== null && untilS - ranges.start(0) > KEPT_S) this.#remove(this.#buffer, untilS);
  }

  #lastKeyBefore(timeS: number): number | null {
    return this.#keysS.findLast((keyS) => keyS <= timeS) ?? null;
  }

  #remove(buffer: SourceBuffer, untilS: number): void {
    this.#keysS = this.#keysS.filter((keyS) => keyS >= untilS);
    buffer.remove(0, untilS - BEFORE_S);
  }

  /** The browser has no room: forget what was played; where that is one group with what is played, begin anew at a key frame. */
  #makeRoom(buffer: SourceBuffer): void {
    this.#full += 1;
    if (this.#full > FULL_MAX) return this.#fail("the source buffer has no room");
    this.#appendsSinceMs = performance.now();
    const untilS = this.#lastKeyBefore(this.#video.currentTime);
    const { buffered } = this.#video;
    const wins = untilS !== null && buffered.length > 0 && untilS > buffered.start(0) + ROOM_S_MIN;
    if (this.#full === 1 && wins) return this.#remove(buffer, untilS);
    this.#skip();
    this.#keysS = [];
    this.#taken = 0;
    buffer.remove(0, Infinity);
  }
}

function joined(parts: Uint8Array<ArrayBuffer>[]): Uint8Array<ArrayBuffer> {
  if (parts.length === 1) return parts[0] as Uint8Array<ArrayBuffer>;
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.byteLength, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.byteLength;
  }
  return whole;
}
