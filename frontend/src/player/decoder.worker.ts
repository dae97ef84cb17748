/** Decodes every tile's pictures off the main thread. The kept group of pictures is decoded silently: only the newest is shown. */
import type { FromDecoder, ToDecoder } from "./webcodecs";

/** More undecoded pictures than this, and the decoder waits for the next key frame. */
const QUEUE_MAX = 120;
/** While it catches up from an entry point: as many as the relay keeps of a camera. */
const KEPT_MAX = 2_100;
/** While catching up, one picture at least this often, so that a slow machine still shows movement. */
const SILENT_MAX_MS = 400;
const BEHIND = 2;
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

  constructor(id: number, writable: WritableStream<VideoFrame>) {
    this.#id = id;
    this.#writer = writable.getWriter();
  }

  configure(config: VideoDecoderConfig): void {
    this.#config = config;
    this.#restart();
  }

  decode(bytes: Uint8Array, timeUs: number, key: boolean): void {
    const decoder = this.#decoder;
    if (!decoder || decoder.state !== "configured") return;
    if (decoder.decodeQueueSize > (this.#catchesUp ? KEPT_MAX : QUEUE_MAX)) {
      decoder.reset();
      if (this.#config) decoder.configure(this.#config);
      this.#needsKey = true;
    }
    if (this.#needsKey && !key) return;
    if (this.#needsKey) this.#catchesUp = true;
    this.#needsKey = false;
    try {
      decoder.decode(new EncodedVideoChunk({ type: key ? "key" : "delta", timestamp: timeUs, data: bytes }));
    } catch (error) {
      this.#trouble(String(error));
    }
  }

  close(): void {
    if (this.#decoder && this.#decoder.state !== "closed") this.#decoder.close();
    this.#decoder = null;
    void this.#writer.abort().catch(() => undefined);
  }

  #restart(): void {
    if (this.#decoder && this.#decoder.state !== "closed") this.#decoder.close();
    this.#needsKey = true;
    if (!this.#config) return;
    const decoder = new VideoDecoder({
      output: (frame) => this.#output(frame, decoder),
      error: (error) => this.#trouble(error.message),
    });
    try {
      decoder.configure(this.#config);
      this.#decoder = decoder;
    } catch (error) {
      this.#decoder = null;
      say({ tile: this.#id, failed: String(error) });
    }
  }

  #trouble(why: string): void {
    this.#errors += 1;
    if (this.#errors > ERRORS_MAX) say({ tile: this.#id, failed: why });
    else this.#restart();
  }

  #output(frame: VideoFrame, decoder: VideoDecoder): void {
    if (!this.#decodedOnce) {
      this.#decodedOnce = true;
      say({ tile: this.#id, decoded: true });
    }
    if (decoder.decodeQueueSize <= BEHIND) this.#catchesUp = false;
    const nowMs = performance.now();
    const behind = decoder.decodeQueueSize > BEHIND && nowMs - this.#lastShownMs < SILENT_MAX_MS;
    const full = (this.#writer.desiredSize ?? 1) <= 0;
    if (behind || full) {
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
      tiles.get(data.tile)?.decode(data.bytes, data.timeUs, data.key);
      return;
    case "close":
      tiles.get(data.tile)?.close();
      tiles.delete(data.tile);
  }
};
