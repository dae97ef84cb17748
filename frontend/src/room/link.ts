/** Whether the node is still heard, and since when it is not. Times in milliseconds of this machine's clock. */

/** A link that is back within two seconds was never missed. */
const CUT_MS_MAX = 2_000;
/** The node tells its clock every 5 s: one that is silent for longer hangs, although its link stands. */
const SILENT_MS_MAX = 7_000;

export class Link {
  #heardMs: number;
  #cutMs: number | null = null;

  constructor(nowMs: number) {
    this.#heardMs = nowMs;
  }

  /** The node said something, or its link stands anew. */
  heard(nowMs: number): void {
    this.#heardMs = nowMs;
    this.#cutMs = null;
  }

  /** The link is down; said again at each vain attempt, which starts nothing anew. */
  cut(nowMs: number): void {
    this.#cutMs ??= nowMs;
  }

  /** Return when what is shown was last true, or null while the node is heard. */
  lostSince(nowMs: number): number | null {
    const cut = this.#cutMs !== null && nowMs - this.#cutMs >= CUT_MS_MAX;
    return cut || nowMs - this.#heardMs > SILENT_MS_MAX ? this.#heardMs : null;
  }
}
