/**
 * Which engine shows a tile's pictures. What one tile goes through never takes an engine from another tile, unless the
 * machine has never shown that codec with it; and a tile that went down to a lesser engine does not go back and forth.
 */
import type { EngineKind } from "./engine";

/** From the best to the last resort. */
export const ENGINES: readonly EngineKind[] = ["webcodecs", "mse", "stills"];
/** So many failures of an engine that showed pictures, within so long, and the tile takes the next engine. */
const ACCIDENTS_MAX = 3;
const ACCIDENTS_WITHIN_MS = 60_000;

/** What engines made of each codec on this machine: one a page. */
export class Machine {
  #unfit = new Set<string>();
  #proven = new Set<string>();

  /** It never showed this codec here: no tile tries it again. */
  unfit(kind: EngineKind, codec: string): boolean {
    return this.#unfit.has(`${kind} ${codec}`);
  }

  shown(kind: EngineKind, codec: string): void {
    this.#proven.add(`${kind} ${codec}`);
    this.#unfit.delete(`${kind} ${codec}`);
  }

  /** Where it showed the codec before, the fault is with the camera at hand. */
  failed(kind: EngineKind, codec: string): void {
    if (!this.#proven.has(`${kind} ${codec}`)) this.#unfit.add(`${kind} ${codec}`);
  }

  /** Some engine showed this codec here. */
  shows(codec: string): boolean {
    return ENGINES.some((kind) => this.#proven.has(`${kind} ${codec}`));
  }
}

export class Choice {
  #machine: Machine;
  #may: (kind: EngineKind) => boolean;
  #codec = "";
  /** Engines that failed this tile's codec for good, and those that showed it. */
  #given = new Set<EngineKind>();
  #shown = new Set<EngineKind>();
  #accidentsMs: number[] = [];
  #odd = false;

  constructor(machine: Machine, may: (kind: EngineKind) => boolean) {
    this.#machine = machine;
    this.#may = may;
  }

  /** Return the engine for a codec, or null where none is left. */
  of(codec: string): EngineKind | null {
    if (codec !== this.#codec) {
      this.#codec = codec;
      this.forgive();
    }
    const left = (kind: EngineKind) => this.#may(kind) && !this.#given.has(kind) && !this.#machine.unfit(kind, codec);
    return ENGINES.find(left) ?? null;
  }

  /** Every engine may be tried again: another codec, or another time. */
  forgive(): void {
    this.#given.clear();
    this.#shown.clear();
    this.#accidentsMs = [];
    this.#odd = false;
  }

  shown(kind: EngineKind): void {
    this.#shown.add(kind);
    this.#machine.shown(kind, this.#codec);
  }

  /** An engine failed; `odd` where the camera's pictures are such that it says nothing of the machine. */
  failed(kind: EngineKind, nowMs: number, odd = false): void {
    if (!this.#shown.has(kind)) {
      this.#given.add(kind);
      this.#odd ||= odd;
      if (!odd) this.#machine.failed(kind, this.#codec);
      return;
    }
    this.#accidentsMs = [...this.#accidentsMs.filter((atMs) => nowMs - atMs < ACCIDENTS_WITHIN_MS), nowMs];
    if (this.#accidentsMs.length < ACCIDENTS_MAX) return;
    this.#given.add(kind);
    this.#accidentsMs = [];
  }

  /** The codec was shown on this machine, only not here and now: worth another attempt later. */
  get mayRecover(): boolean {
    return !this.#odd && this.#machine.shows(this.#codec);
  }
}
