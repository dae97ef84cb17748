/** What opening a camera would be answered, asked before the key is pressed. Nothing is recorded, nothing decided here. */
import type { Api } from "../api/client";
import type { Decision } from "../api/types";
import type { Camera } from "./inventory";

const ASK_AFTER_MS = 80;

export interface Foreseen {
  camera: Camera;
  decision: Decision;
}

export class Foresight {
  foreseen = $state.raw<Foreseen | null>(null);

  #api: Api;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #turn = 0;

  constructor(api: Api) {
    this.#api = api;
  }

  /** Return what was answered for this camera, or null while it is not known. */
  of(camera: Camera | null): Decision | null {
    return camera && this.foreseen?.camera.id === camera.id ? this.foreseen.decision : null;
  }

  /** Ask about a camera, anew each time that something which the answer reads may have changed. */
  about(camera: Camera | null, event: string | null): void {
    clearTimeout(this.#timer);
    const turn = ++this.#turn;
    if (!camera) {
      this.foreseen = null;
      return;
    }
    this.#timer = setTimeout(async () => {
      const answer = await this.#api.preview(camera.id, event);
      if (turn === this.#turn) this.foreseen = answer.ok ? { camera, decision: answer.body } : null;
    }, ASK_AFTER_MS);
  }
}
