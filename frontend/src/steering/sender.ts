/** Says movements to the node one at a time, the newest alone; a stop waits for nothing. */
import type { Answer } from "../api/client";
import type { Velocity } from "../api/types";
import type { Said } from "./motion";

export interface Wire {
  move(lease: string, velocity: Velocity): Promise<Answer<null>>;
  stop(lease: string): Promise<Answer<null>>;
}

export class MovementSender {
  #wire: Wire;
  #refused: (lease: string, answer: Answer<null>) => void;
  #inFlight = false;
  #stopAgain: string | null = null;
  #next: { lease: string; velocity: Velocity } | null = null;

  /** `refused` is told of every answer that says no. */
  constructor(wire: Wire, refused: (lease: string, answer: Answer<null>) => void) {
    this.#wire = wire;
    this.#refused = refused;
  }

  say(lease: string, said: Said): void {
    if (said.say === "stop") {
      this.#next = null;
      // A movement on its way may come after the stop: it is then stopped a second time.
      if (this.#inFlight) this.#stopAgain = lease;
      void this.#stop(lease);
      return;
    }
    this.#stopAgain = null;
    this.#next = { lease, velocity: said.velocity };
    if (!this.#inFlight) void this.#send();
  }

  async #send(): Promise<void> {
    this.#inFlight = true;
    while (this.#next) {
      const { lease, velocity } = this.#next;
      this.#next = null;
      this.#heed(lease, await this.#wire.move(lease, velocity));
    }
    this.#inFlight = false;
    const again = this.#stopAgain;
    this.#stopAgain = null;
    if (again !== null) await this.#stop(again);
  }

  async #stop(lease: string): Promise<void> {
    this.#heed(lease, await this.#wire.stop(lease));
  }

  #heed(lease: string, answer: Answer<null>): void {
    if (!answer.ok) this.#refused(lease, answer);
  }
}
