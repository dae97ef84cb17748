/** WebCodecs in a worker, into a generated track and a `<video>`: the lowest delay a browser gives. */
import type { Track } from "./boxes";
import { primer, readEntry } from "./primer";
import { watchPresented, type Description, type Engine, type EngineListener, type PlacedChunk, type Stage } from "./engine";

export type ToDecoder =
  | { do: "open"; tile: number; writable: WritableStream<VideoFrame> }
  | { do: "configure"; tile: number; config: VideoDecoderConfig }
  | { do: "decode"; tile: number; bytes: Uint8Array; timeUs: number; key: boolean; entry?: PrimedEntry }
  | { do: "close"; tile: number };

/** A key picture that is no IDR: what a decoder is given first where it begins there, and how many pictures are not whole. */
export interface PrimedEntry {
  primer: Uint8Array;
  wholeAfter: number;
}

export type FromDecoder = { tile: number; decoded: true } | { tile: number; failed: string };

/** Chromium's generated track, not in TypeScript's own description of browsers. */
interface TrackGenerator extends MediaStreamTrack {
  readonly writable: WritableStream<VideoFrame>;
}
declare global {
  interface Window {
    MediaStreamTrackGenerator?: new (options: { kind: "video" }) => TrackGenerator;
  }
}

/** Rounding makes less. */
const REORDERED_US = 1_000;
/** A decoder that has shown nothing by then is taken for absent. */
const FIRST_PICTURE_MS_MAX = 1_000;

let worker: Worker | null = null;
let nextTile = 1;
const engines = new Map<number, WebCodecsEngine>();

/** Start the decoding worker before it is needed, so that the first click does not wait for it. */
export function warmDecoder(): Worker {
  if (!worker) {
    worker = new Worker(new URL("./decoder.worker.ts", import.meta.url), { type: "module" });
    worker.onmessage = ({ data }: MessageEvent<FromDecoder>) => engines.get(data.tile)?.heard(data);
  }
  return worker;
}

export function webCodecsMayWork(): boolean {
  return typeof VideoDecoder === "function" && typeof window.MediaStreamTrackGenerator === "function";
}

export class WebCodecsEngine implements Engine {
  readonly kind = "webcodecs";
  #tile = nextTile++;
  #video: HTMLVideoElement;
  #listener: EngineListener;
  #worker = warmDecoder();
  #track: TrackGenerator;
  #unwatch: () => void;
  #decoded = false;
  /** Not configured yet: its first picture tells whether pictures come in another order than they are shown. */
  #config: VideoDecoderConfig | null = null;
  /** A grey picture for this stream's decoder, once one is needed. */
  #primer: Uint8Array | null = null;
  #record: Uint8Array | null = null;
  #patience: ReturnType<typeof setTimeout> | undefined;

  constructor(stage: Stage, listener: EngineListener) {
    const Generator = window.MediaStreamTrackGenerator;
    if (!Generator) throw new Error("no MediaStreamTrackGenerator");
    this.#video = stage.video;
    this.#listener = listener;
    this.#track = new Generator({ kind: "video" });
    engines.set(this.#tile, this);
    const { writable } = this.#track;
    this.#send({ do: "open", tile: this.#tile, writable }, [writable]);
    this.#video.removeAttribute("src");
    this.#video.srcObject = new MediaStream([this.#track]);
    this.#unwatch = watchPresented(this.#video, (timeUs) => listener.presented(timeUs));
    void this.#video.play().catch(() => undefined);
  }

  describe(description: Description, track: Track, _initialisation: Uint8Array): void {
    this.#record = description.codec.startsWith("avc") ? track.decoderRecord : null;
    this.#primer = null;
    this.#config = {
      codec: description.codec,
      codedWidth: description.width,
      codedHeight: description.height,
      ...(track.decoderRecord ? { description: track.decoderRecord } : {}),
    };
  }

  push(chunk: PlacedChunk): void {
    if (this.#config) {
      // A decoder that is to be quick gives pictures in the order in which they come.
      const config = { ...this.#config, optimizeForLatency: !isReordered(chunk) };
      this.#config = null;
      this.#send({ do: "configure", tile: this.#tile, config }, []);
    }
    if (!this.#decoded && chunk.key)
      this.#patience ??= setTimeout(() => this.#listener.failed("no key frame decoded in time"), FIRST_PICTURE_MS_MAX);
    const entry = chunk.key ? this.#entry(chunk.payload) : undefined;
    const bytes = chunk.payload.slice();
    const message = { do: "decode" as const, tile: this.#tile, bytes, timeUs: chunk.timeUs, key: chunk.key };
    this.#send(entry ? { ...message, entry } : message, [bytes.buffer]);
  }

  #entry(payload: Uint8Array): PrimedEntry | undefined {
    if (!this.#record) return undefined;
    const { idr, wholeAfter } = readEntry(payload);
    if (idr) return undefined;
    this.#primer ??= primer(this.#record);
    return this.#primer ? { primer: this.#primer, wholeAfter } : undefined;
  }

  heard(message: FromDecoder): void {
    if ("failed" in message) return this.#listener.failed(message.failed);
    this.#decoded = true;
    clearTimeout(this.#patience);
  }

  close(): void {
    clearTimeout(this.#patience);
    engines.delete(this.#tile);
    this.#send({ do: "close", tile: this.#tile }, []);
    this.#unwatch();
    this.#track.stop();
    this.#video.srcObject = null;
  }

  #send(message: ToDecoder, transfer: Transferable[]): void {
    this.#worker.postMessage(message, transfer);
  }
}

/** The stream's pictures are decoded earlier than they are shown: by as much as their order takes (B pictures). */
export function isReordered({ timeUs, baseUs, decodeUs }: Pick<PlacedChunk, "timeUs" | "baseUs" | "decodeUs">): boolean {
  return timeUs - baseUs - decodeUs > REORDERED_US;
}
