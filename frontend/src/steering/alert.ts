/** When a tone calls for a request that nobody has seen yet, on a blank wall too. Pure; times in milliseconds. */

export const TONE_EVERY_MS = 10_000;

export class RequestAlert {
  #seen = new Set<string>();
  #lastMs: number | null = null;

  /** Somebody is there and the requests stand before them. */
  see(requests: readonly string[]): void {
    for (const request of requests) this.#seen.add(request);
  }

  /** Return whether a tone is due now: at once for a new one, then every 10 s until it is seen or answered. */
  due(requests: readonly string[], nowMs: number): boolean {
    for (const request of this.#seen) if (!requests.includes(request)) this.#seen.delete(request);
    if (!requests.some((request) => !this.#seen.has(request))) {
      this.#lastMs = null;
      return false;
    }
    if (this.#lastMs !== null && nowMs - this.#lastMs < TONE_EVERY_MS) return false;
    this.#lastMs = nowMs;
    return true;
  }
}
