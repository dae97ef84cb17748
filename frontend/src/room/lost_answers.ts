/** Requests that had no answer: what the node may have opened, or not have closed, all the same. Pure. */
import type { Viewing } from "../api/types";

/** A viewing that nobody took up ends by itself once its ticket has lapsed (30 s) and a little more. */
const MAY_COME_MS = 40_000;
/** Two clocks are never quite the same. */
const CLOCKS_APART_MS = 5_000;

interface Opening {
  camera: string;
  event: string | null;
  askedMs: number;
  /** Until when something may come of it; null until the node is heard again. */
  untilMs: number | null;
}

export interface Found {
  /** Viewings that were given to a request without an answer. */
  given: Viewing[];
  /** Viewings that still run although this window closed them. */
  unclosed: string[];
}

export class LostAnswers {
  #openings: Opening[] = [];
  #closings = new Set<string>();

  /** Whether the node is still to be asked after something. */
  get pending(): boolean {
    return this.#openings.length > 0 || this.#closings.size > 0;
  }

  /** Whether a viewing of this camera may be one that was asked for in vain. */
  mayHold(camera: string): boolean {
    return this.#openings.some((opening) => opening.camera === camera);
  }

  opening(camera: string, event: string | null, askedMs: number): void {
    this.answered(camera, event);
    this.#openings.push({ camera, event, askedMs, untilMs: null });
  }

  /** The same was asked for again and answered, or what it gave was dealt with. */
  answered(camera: string, event: string | null): void {
    this.#openings = this.#openings.filter((opening) => opening.camera !== camera || opening.event !== event);
  }

  closing(viewing: string): void {
    this.#closings.add(viewing);
  }

  /** Whether a viewing may still run although it was closed in vain. */
  mayRun(viewing: string): boolean {
    return this.#closings.has(viewing);
  }

  /** Compare with the agent's own viewings as the node tells them now. What is found unclosed is the caller's to close. */
  compare(mine: readonly Viewing[], nowMs: number): Found {
    for (const opening of this.#openings) opening.untilMs ??= nowMs + MAY_COME_MS;
    this.#openings = this.#openings.filter(({ untilMs }) => untilMs !== null && nowMs < untilMs);
    const unclosed = mine.filter(({ id }) => this.#closings.has(id)).map(({ id }) => id);
    this.#closings.clear();
    const given = mine.filter((viewing) =>
      !unclosed.includes(viewing.id) &&
      this.#openings.some(({ camera, event, askedMs }) =>
        camera === viewing.camera && event === (viewing.event?.id ?? null) && Date.parse(viewing.since) >= askedMs - CLOCKS_APART_MS));
    return { given, unclosed };
  }
}
