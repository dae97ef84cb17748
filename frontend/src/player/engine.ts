/** What shows pictures: the player feeds it, and knows nothing of how it decodes. */
import type { Chunk, Track } from "./boxes";

export type EngineKind = "webcodecs" | "mse" | "stills";

/** What the relay says before an initialisation segment. */
export interface Description {
  codec: string;
  width: number;
  height: number;
  timescale: number;
}

export interface PlacedChunk extends Chunk {
  /** When it is shown, on the tile's own timeline (see Timeline). */
  timeUs: number;
  /** Its decode time on the track's own timeline, and how long it lasts. */
  decodeUs: number;
  durationUs: number;
  /** What separates the tile's timeline from the track's. */
  baseUs: number;
}

export interface EngineListener {
  /** The picture of this time (Timeline) stands on the screen. */
  presented(timeUs: number): void;
  /** This engine can't go on; another may be tried. */
  failed(why: string): void;
}

export interface Engine {
  readonly kind: EngineKind;
  describe(description: Description, track: Track, initialisation: Uint8Array): void;
  push(chunk: PlacedChunk): void;
  close(): void;
}

/** Where a tile lets pictures appear. */
export interface Stage {
  video: HTMLVideoElement;
  canvas: HTMLCanvasElement;
}

/** Call `presented` with each new picture's media time in microseconds, until the returned function is called. */
export function watchPresented(video: HTMLVideoElement, presented: (mediaTimeUs: number) => void): () => void {
  let handle = 0;
  const seen = (_now: number, picture: VideoFrameCallbackMetadata) => {
    presented(Math.round(picture.mediaTime * 1e6));
    handle = video.requestVideoFrameCallback(seen);
  };
  handle = video.requestVideoFrameCallback(seen);
  return () => video.cancelVideoFrameCallback(handle);
}

/** The name by which people know a codec. */
export function codecName(codec: string): string {
  if (/^hvc1|^hev1/.test(codec)) return "H.265";
  return /^avc[13]/.test(codec) ? "H.264" : codec;
}
