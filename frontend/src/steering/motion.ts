/** How fast a camera is to turn, from the keys that are down; and when that is said to the node. Pure; times in milliseconds. */
import type { Velocity } from "../api/types";

export type Turn = "left" | "right" | "up" | "down" | "in" | "out";

/** The node stops a camera 500 ms after the last word: two may be lost. */
export const REPEAT_MS = 180;
/** A tap is a small step; a key that stays down turns faster. */
const SLOW = 0.25;
const FAST = 0.8;
const FULL_SPEED_AFTER_MS = 1_200;

const TURNS: Readonly<Record<string, Turn>> = {
  ArrowLeft: "left", ArrowRight: "right", ArrowUp: "up", ArrowDown: "down",
  "+": "in", "=": "in", PageUp: "in", "-": "out", PageDown: "out",
};

/** Return which way a key turns a camera that is steered, or null. */
export const turnOf = (key: string): Turn | null => TURNS[key] ?? null;

/** The keys that are down, and since when: opposite ones cancel each other. */
export class HeldKeys {
  #down = new Map<Turn, number>();

  press(turn: Turn, nowMs: number): void {
    if (!this.#down.has(turn)) this.#down.set(turn, nowMs);
  }

  release(turn: Turn): void {
    this.#down.delete(turn);
  }

  releaseAll(): void {
    this.#down.clear();
  }

  /** Return how fast the camera is to turn now, or null where nothing is asked of it. */
  velocity(nowMs: number): Velocity | null {
    const speed = (turn: Turn) => {
      const since = this.#down.get(turn);
      return since === undefined ? 0 : SLOW + (FAST - SLOW) * Math.min(1, (nowMs - since) / FULL_SPEED_AFTER_MS);
    };
    const between = (towards: Turn, away: Turn) => (this.#down.has(towards) && this.#down.has(away) ? 0 : speed(towards) - speed(away));
    return resting({ pan: between("right", "left"), tilt: between("up", "down"), zoom: between("in", "out") });
  }
}

/** A velocity of nothing is none. */
export function resting(velocity: Velocity): Velocity | null {
  return velocity.pan === 0 && velocity.tilt === 0 && velocity.zoom === 0 ? null : velocity;
}

export type Said = { say: "move"; velocity: Velocity } | { say: "stop" };

/** When to say what: a new direction at once, the same one again before the node forgets it, a stop once. */
export class RepeatClock {
  #last: { direction: string; atMs: number } | null = null;

  /** Return what is to be said now; to be asked at each change, and often while something is asked of the camera. */
  take(wanted: Velocity | null, nowMs: number): Said | null {
    if (!wanted) {
      const moved = this.#last !== null;
      this.#last = null;
      return moved ? { say: "stop" } : null;
    }
    const direction = [wanted.pan, wanted.tilt, wanted.zoom].map(Math.sign).join();
    if (this.#last && this.#last.direction === direction && nowMs - this.#last.atMs < REPEAT_MS) return null;
    this.#last = { direction, atMs: nowMs };
    return { say: "move", velocity: wanted };
  }

  /** What was said is over by itself: nothing is to be stopped. */
  forget(): void {
    this.#last = null;
  }
}
