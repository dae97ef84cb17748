/** Last resort: the key frames alone, drawn as still pictures. The tile says so. */
import type { Track } from "./boxes";
import type { Description, Engine, EngineListener, PlacedChunk, Stage } from "./engine";

const ERRORS_MAX = 3;

export function stillsMayWork(): boolean {
  return typeof VideoDecoder === "function";
}

export class StillsEngine implements Engine {
  readonly kind = "stills";
  #canvas: HTMLCanvasElement;
  #listener: EngineListener;
  #decoder: VideoDecoder | null = null;
  #errors = 0;

  constructor(stage: Stage, listener: EngineListener) {
    this.#canvas = stage.canvas;
    this.#listener = listener;
  }

  describe(description: Description, track: Track, _initialisation: Uint8Array): void {
    this.close();
    this.#decoder = new VideoDecoder({
      output: (frame) => {
        this.#canvas.width = frame.displayWidth;
        this.#canvas.height = frame.displayHeight;
        this.#canvas.getContext("2d")?.drawImage(frame, 0, 0);
        const { timestamp } = frame;
        frame.close();
        this.#listener.presented(timestamp);
      },
      error: (error) => this.#listener.failed(error.message),
    });
    this.#decoder.configure({
      codec: description.codec,
      optimizeForLatency: true,
      ...(track.decoderRecord ? { description: track.decoderRecord } : {}),
    });
  }

  push(chunk: PlacedChunk): void {
    if (!chunk.key || this.#decoder?.state !== "configured") return;
    const data = chunk.payload.slice();
    this.#decoder.decode(new EncodedVideoChunk({ type: "key", timestamp: chunk.timeUs, data }));
    this.#decoder.flush().catch((error: unknown) => {
      this.#errors += 1;
      if (this.#errors > ERRORS_MAX) this.#listener.failed(String(error));
    });
  }

  close(): void {
    if (this.#decoder && this.#decoder.state !== "closed") this.#decoder.close();
    this.#decoder = null;
  }
}
