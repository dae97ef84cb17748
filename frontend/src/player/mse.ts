/** Media Source Extensions into a `<video>`: about 5 s kept, always near the live edge. */
import type { Track } from "./boxes";
import { Contiguous } from "./contiguous";
import { watchPresented, type Description, type Engine, type EngineListener, type PlacedChunk, type Stage } from "./engine";

const KEPT_S = 5;
const SEEK_BEHIND_S = 2;
/** How far behind the newest picture to play: at the very edge each late picture would stall the element. */
const MARGIN_S = 0.12;
const RATE_MAX = 1.1;
/** Chunks waiting for the source buffer: twice what the relay keeps of a camera; beyond it the engine is declared broken. */
const WAITING_MAX = 4_200;

type Append = { bytes: Uint8Array<ArrayBuffer>; offsetUs: number; type: string | null };

export class MseEngine implements Engine {
  readonly kind = "mse";
  #video: HTMLVideoElement;
  #listener: EngineListener;
  #source = new MediaSource();
  #url: string;
  #buffer: SourceBuffer | null = null;
  #waiting: Append[] = [];
  #contiguous = new Contiguous();
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
    this.#enqueue({ bytes: initialisation.slice(), offsetUs: 0, type });
  }

  push(chunk: PlacedChunk): void {
    this.#enqueue({ bytes: chunk.bytes.slice(), offsetUs: this.#contiguous.place(chunk), type: null });
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
    if (this.#waiting.length > WAITING_MAX) return this.#fail("the source buffer takes nothing any more");
    this.#work();
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
        this.#buffer?.appendBuffer(first.bytes);
        return;
      }
      const offsetS = first.offsetUs / 1e6;
      const buffer = this.#buffer;
      if (!buffer) return;
      if (buffer.timestampOffset !== offsetS) buffer.timestampOffset = offsetS;
      let count = 1;
      while (this.#waiting[count]?.type === null && this.#waiting[count]?.offsetUs === first.offsetUs) count++;
      const batch = this.#waiting.splice(0, count);
      buffer.appendBuffer(joined(batch.map((one) => one.bytes)));
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
    if (!ranges.length) return;
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
    const oldest = ranges.start(0);
    const until = this.#video.currentTime - KEPT_S;
    if (until - oldest > KEPT_S) this.#buffer.remove(0, until);
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
