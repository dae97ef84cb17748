/** A media element and its source buffer without a browser: what was appended, forgotten and refused is seen. */
import { vi } from "vitest";
import type { Stage } from "../../src/player/engine";

export const FRAME_US = 40_000;

/** Each byte is a picture of 40 ms; it forgets as Chromium does: up to the first key frame behind what is removed, else all. */
export class FakeBuffer {
  updating = false;
  timestampOffset = 0;
  appends = 0;
  removed: [number, number][] = [];
  full = false;
  endS = 0;
  startS = 0;
  #ended: () => void = () => undefined;
  addEventListener(_: string, ended: () => void): void {
    this.#ended = ended;
  }
  changeType(): void {}
  appendBuffer(bytes: Uint8Array): void {
    if (this.full) throw new DOMException("full", "QuotaExceededError");
    this.appends += 1;
    this.endS += (bytes.byteLength * FRAME_US) / 1e6;
    this.updating = true;
  }
  remove(fromS: number, untilS: number): void {
    this.removed.push([fromS, untilS]);
    this.startS = Math.min(untilS, this.endS);
    this.updating = true;
  }
  end(): void {
    this.updating = false;
    this.#ended();
  }
}

export class FakeMedia {
  buffer = new FakeBuffer();
  currentTime = 0;
  playbackRate = 1;
  present: ((mediaS: number) => void) | null = null;
  buffered = {
    length: 1,
    start: () => this.buffer.startS,
    end: () => this.buffer.endS,
  };
  addEventListener(): void {}
  removeEventListener(): void {}
  removeAttribute(): void {}
  load(): void {}
  play = () => Promise.resolve();
  requestVideoFrameCallback(seen: (nowMs: number, picture: { mediaTime: number }) => void): number {
    this.present = (mediaTime) => seen(0, { mediaTime });
    return 1;
  }
  cancelVideoFrameCallback(): void {}

  get stage(): Stage {
    return { video: this as unknown as HTMLVideoElement, canvas: {} as HTMLCanvasElement };
  }
}

/** Give the browser Media Source Extensions that play everything but H.265; undone by `vi.unstubAllGlobals`. */
export function withMediaSource(media: FakeMedia): void {
  class Source {
    static isTypeSupported = (type: string) => !type.includes("hvc1");
    readyState = "open";
    addEventListener(): void {}
    addSourceBuffer = () => media.buffer;
  }
  vi.stubGlobal("URL", { createObjectURL: () => "blob:", revokeObjectURL: () => undefined });
  vi.stubGlobal("MediaSource", Source);
  vi.stubGlobal("window", { MediaSource: Source });
}
