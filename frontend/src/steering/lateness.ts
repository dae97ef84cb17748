/** How late a camera turns after the hand: above 400 ms steering by hand overshoots, and points and presets alone are offered. Pure. */

export const LATE_MS = 400;
/** So many in a row are no accident. */
const IN_A_ROW = 3;
/** Nothing is learnt while nothing is turned: after so long the hand is tried again. */
const TRIED_AGAIN_MS = 10_000;

export class Lateness {
  #inARow = 0;
  #slowSinceMs: number | null = null;

  take(lateMs: number, nowMs: number): void {
    this.#inARow = lateMs > LATE_MS ? this.#inARow + 1 : 0;
    if (this.#inARow >= IN_A_ROW) this.#slowSinceMs = nowMs;
    else if (this.#inARow === 0) this.#slowSinceMs = null;
  }

  slow(nowMs: number): boolean {
    if (this.#slowSinceMs === null) return false;
    if (nowMs - this.#slowSinceMs < TRIED_AGAIN_MS) return true;
    this.#slowSinceMs = null;
    this.#inARow = 0;
    return false;
  }
}
