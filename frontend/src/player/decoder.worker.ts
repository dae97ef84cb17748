/** Decodes every tile's pictures off the main thread. The kept group of pictures is decoded silently: only the newest is shown. */
import type { FromDecoder, PrimedEntry, ToDecoder } from "./webcodecs";

/** More undecoded pictures than this, and the decoder waits for the next key frame. */
const QUEUE_MAX = 120;
/** While it catches up from an entry point: as many as the relay keeps of a camera. */
const KEPT_MAX = 2_100;
/** So long it may take to catch up; a machine that is slower than the camera never would. */
const CATCH_UP_MS_MAX = 10_000;
/** While catching up, one picture at least this often, so that a slow machine still shows movement. */
const SILENT_MAX_MS = 400;
const BEHIND = 2;
/**
 * Further behind than this the pictures up to the next key frame are left out: fewer pictures rather than old ones. Half a
 * group of pictures is waited out, since leaving it out would take as long.
 */
const LAG_US_MIN = 1_500_000;
const LAG_US_MAX = 5_000_000;
/** A decoder that takes so many pictures for so long and gives none has died without a word. */
const UNANSWERED_MAX = 30;
const UNANSWERED_MS = 3_000;
const ERRORS_MAX = 3;

declare const self: DedicatedWorkerGlobalScope;

class Tile {
  #id: number;
  #writer: WritableStreamDefaultWriter<VideoFrame>;
  #decoder: VideoDecoder | null = null;
  #config: VideoDecoderConfig | null = null;
  #needsKey = true;
  #lastShownMs = 0;
  #errors = 0;
  #decodedOnce = false;
  /** What the relay kept is being decoded, silently: a group of pictures can be minutes long. */
  #catchesUp = true;
  #catchesUpSinceMs = 0;
  /** Pictures given to the decoder since it gave one back, and since when. */
  #unanswered = 0;
  #unansweredSinceMs = 0;
  #outputUs: number | null = null;
  #keyUs: number | null = null;
  #groupUs = 0;
  /** From when on pictures are whole, behind an entry point that is no IDR; null while it is not known yet. */
  #wholeFromUs: number | null = -Infinity;
  #notWhole = 0;

  constructor(id: number, writable: WritableStream<VideoFrame>) {
    this.#id = id;
    this.#writer = writable.getWriter();
  }

  configure(config: VideoDecoderConfig): void {
    this.#config = config;
    this.#restart();
  }

  decode(bytes: Uint8Array, timeUs: number, key: boolean, entry?: PrimedEntry): void {
    const decoder = this.#decoder;
    if (!decoder) return;
    if (decoder.state === "closed") return this.#gone("the decoder was closed");
    if (decoder.state !== "configured") return;
    const nowMs = performance.now();
    if (key) {
      if (this.#keyUs !== null) this.#groupUs = timeUs - this.#keyUs;
      this.#keyUs = timeUs;
    }
    if (this.#isTooFarBehind(decoder, timeUs, nowMs)) {
      decoder.reset();
      if (this.#config) decoder.configure(this.#config);
      this.#needsKey = true;
    }
    if (this.#needsKey && !key) return;
    const begins = this.#needsKey;
    if (begins) {
      this.#catchesUp = true;
      this.#catchesUpSinceMs = nowMs;
      this.#outputUs = null;
      this.#unanswered = 0;
    }
    this.#needsKey = false;
    if (this.#unanswered === 0) this.#unansweredSinceMs = nowMs;
    this.#unanswered += 1;
    if (this.#unanswered > UNANSWERED_MAX && nowMs - this.#unansweredSinceMs > UNANSWERED_MS)
      return this.#gone("the decoder gives nothing any more");
    try {
      // The browser's decoder calls no picture a key but an IDR, and begins with nothing else.
      if (begins && entry) {
        this.#wholeFromUs = null;
        this.#notWhole = entry.wholeAfter;
        decoder.decode(new EncodedVideoChunk({ type: "key", timestamp: timeUs - 1, data: entry.primer }));
      } else if (begins) this.#wholeFromUs = -Infinity;
      if (this.#wholeFromUs === null && this.#notWhole-- <= 0) this.#wholeFromUs = timeUs;
      decoder.decode(new EncodedVideoChunk({ type: key && !entry ? "key" : "delta", timestamp: timeUs, data: bytes }));
    } catch (error) {
      this.#trouble(String(error));
    }
  }

  close(): void {
    if (this.#decoder && this.#decoder.state !== "closed") this.#decoder.close();
    this.#decoder = null;
    void this.#writer.abort().catch(() => undefined);
  }

  #isTooFarBehind(decoder: VideoDecoder, newestUs: number, nowMs: number): boolean {
    const waiting = decoder.decodeQueueSize;
    if (this.#catchesUp && nowMs - this.#catchesUpSinceMs < CATCH_UP_MS_MAX) return waiting > KEPT_MAX;
    const lagUs = Math.min(LAG_US_MAX, Math.max(LAG_US_MIN, this.#groupUs / 2));
    return waiting > QUEUE_MAX || (waiting > BEHIND && this.#outputUs !== null && newestUs - this.#outputUs > lagUs);
  }

  #restart(): void {
    if (this.#decoder && this.#decoder.state !== "closed") this.#decoder.close();
    this.#needsKey = true;
    if (!this.#config) return;
    const decoder = new VideoDecoder({
      output: (frame) => this.#output(frame, decoder),
      // The browser took the decoder back: the pictures that are kept bring the tile up again at once.
      error: (error) => (error.name === "QuotaExceededError" ? this.#gone(error.message) : this.#trouble(error.message)),
    });
    try {
      decoder.configure(this.#config);
      this.#decoder = decoder;
    } catch (error) {
      this.#gone(String(error));
    }
  }

  #gone(why: string): void {
    if (this.#decoder && this.#decoder.state !== "closed") this.#decoder.close();
    this.#decoder = null;
    say({ tile: this.#id, failed: why });
  }

  #trouble(why: string): void {
    this.#errors += 1;
    if (this.#errors > ERRORS_MAX) this.#gone(why);
    else this.#restart();
  }

  #output(frame: VideoFrame, decoder: VideoDecoder): void {
    if (!this.#decodedOnce) {
      this.#decodedOnce = true;
      say({ tile: this.#id, decoded: true });
    }
    this.#unanswered = 0;
    this.#outputUs = frame.timestamp;
    if (decoder.decodeQueueSize <= BEHIND) this.#catchesUp = false;
    const nowMs = performance.now();
    const behind = decoder.decodeQueueSize > BEHIND && nowMs - this.#lastShownMs < SILENT_MAX_MS;
    const full = (this.#writer.desiredSize ?? 1) <= 0;
    const whole = this.#wholeFromUs !== null && frame.timestamp >= this.#wholeFromUs;
    if (behind || full || !whole) {
      frame.close();
      return;
    }
    this.#lastShownMs = nowMs;
    this.#errors = 0;
    this.#writer.write(frame).catch(() => frame.close());
  }
}

const tiles = new Map<number, Tile>();

function say(message: FromDecoder): void {
  self.postMessage(message);
}

self.onmessage = ({ data }: MessageEvent<ToDecoder>) => {
  switch (data.do) {
    case "open":
      tiles.set(data.tile, new Tile(data.tile, data.writable));
      return;
    case "configure":
      tiles.get(data.tile)?.configure(data.config);
      return;
    case "decode":
      tiles.get(data.tile)?.decode(data.bytes, data.timeUs, data.key, data.entry);
      return;
    case "close":
      tiles.get(data.tile)?.close();
      tiles.delete(data.tile);
  }
};
