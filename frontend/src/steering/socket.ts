/** The socket under one right to steer: a movement costs one frame. Where none stands, whoever steers asks over HTTP. */
import type { Said } from "./motion";

/** Closed for a reason that stays: given back, not this agent's, over, the session's end. */
const FINAL = new Set([1000, 4400, 4403, 4404, 4409]);
const AGAIN_MS = 1_000;
const TRIES_MAX = 3;

/** The part of the browser's socket that is used. */
export type Socket = Pick<WebSocket, "send" | "close" | "readyState" | "bufferedAmount"> & {
  onmessage: ((event: MessageEvent) => void) | null;
  onclose: ((event: CloseEvent) => void) | null;
};

export interface SocketHeard {
  /** A movement was handed to the camera so long after it was sent. */
  handed(lateMs: number): void;
  /** The right is over, or not this agent's: the node tells why over HTTP. */
  over(): void;
}

export class SteeringSocket {
  #open: () => Socket;
  #heard: SocketHeard;
  #socket: Socket | null = null;
  #fence: number | null = null;
  #seq = 0;
  #sentMs = new Map<number, number>();
  #tries = 0;
  #left = false;
  #again: ReturnType<typeof setTimeout> | undefined;

  constructor(open: () => Socket, heard: SocketHeard) {
    this.#open = open;
    this.#heard = heard;
    this.#connect();
  }

  /** Send a movement or a stop; false where the socket does not take it now. */
  say(said: Said): boolean {
    const socket = this.#socket;
    if (!socket || socket.readyState !== 1 || this.#fence === null) return false;
    const { pan, tilt, zoom } = said.say === "move" ? said.velocity : { pan: 0, tilt: 0, zoom: 0 };
    // A link that takes nothing more would bring old movements later.
    if (said.say === "move" && socket.bufferedAmount > 0) return true;
    this.#seq += 1;
    if (said.say === "move") this.#sentMs.set(this.#seq, performance.now());
    socket.send(JSON.stringify({ fence: this.#fence, seq: this.#seq, pan, tilt, zoom }));
    return true;
  }

  close(): void {
    this.#left = true;
    clearTimeout(this.#again);
    this.#socket?.close(1000);
    this.#socket = null;
  }

  #connect(): void {
    this.#tries += 1;
    const socket = (this.#socket = this.#open());
    this.#fence = null;
    this.#sentMs.clear();
    socket.onmessage = ({ data }) => this.#take(data);
    socket.onclose = ({ code }) => {
      if (this.#socket === socket) this.#socket = null;
      if (this.#left) return;
      if (code === 4404 || code === 4409) this.#heard.over();
      if (!FINAL.has(code) && this.#tries < TRIES_MAX) this.#again = setTimeout(() => this.#connect(), AGAIN_MS);
    };
  }

  #take(data: unknown): void {
    const told: unknown = typeof data === "string" ? JSON.parse(data) : null;
    if (told === null || typeof told !== "object") return;
    if ("fence" in told && typeof told.fence === "number") {
      this.#fence = told.fence;
      this.#tries = 0;
    }
    if (!("seq" in told) || typeof told.seq !== "number") return;
    const sentMs = this.#sentMs.get(told.seq);
    if (sentMs !== undefined) this.#heard.handed(performance.now() - sentMs);
    for (const seq of this.#sentMs.keys()) if (seq <= told.seq) this.#sentMs.delete(seq);
  }
}
