/** What a joystick or a gamepad asks of the camera that is steered. Pure: whoever holds the browser's list of pads reads it. */
import type { Velocity } from "../api/types";
import { resting } from "./motion";

/** The part of the browser's `Gamepad` that is read. */
export interface Pad {
  connected: boolean;
  mapping: string;
  axes: readonly number[];
}

/** A worn stick does not rest at zero, and one at the edge of its dead zone trembles: it wakes further out than it sleeps. */
const WAKES_AT = 0.2;
const SLEEPS_AT = 0.12;

/** One axis: nothing while it rests, then from a creep to full speed. */
export class DeadZone {
  #awake = false;

  take(deflection: number): number {
    const size = Math.min(1, Math.abs(Number.isFinite(deflection) ? deflection : 0));
    this.#awake = size >= (this.#awake ? SLEEPS_AT : WAKES_AT);
    if (!this.#awake) return 0;
    const share = (size - SLEEPS_AT) / (1 - SLEEPS_AT);
    // Squared: half way out is a quarter of the speed, so that a small correction stays one.
    return Math.round(Math.sign(deflection) * share * share * 1000) / 1000;
  }
}

export class Joystick {
  #pan = new DeadZone();
  #tilt = new DeadZone();
  #zoom = new DeadZone();

  /** Return how fast the camera is to turn by the first pad that is there, or null while its sticks rest. */
  read(pads: readonly (Pad | null)[]): Velocity | null {
    const pad = pads.find((one) => one !== null && one.connected);
    // A gamepad zooms with its other stick; a joystick is twisted. Down and towards oneself is positive on both.
    const zoom = pad?.mapping === "standard" ? -(pad.axes[3] ?? 0) : (pad?.axes[2] ?? 0);
    return resting({
      pan: this.#pan.take(pad?.axes[0] ?? 0),
      tilt: this.#tilt.take(-(pad?.axes[1] ?? 0)),
      zoom: this.#zoom.take(zoom),
    });
  }
}
