/** Which picture may be given up for a refused one. A slot is a camera: giving up what another holds too frees nothing. */
import type { Viewing } from "../api/types";

export interface Held {
  camera: { id: string };
  viewing: string;
  running: boolean;
  selectedAtMs: number;
}

export interface Looked<T extends Held> {
  large: T | null;
  selected: T | null;
}

/** Return whether the camera stops flowing to the party once this picture alone is closed. */
export function freesSlot(tile: Held, items: readonly Viewing[], party: string): boolean {
  return items.every((item) => item.camera !== tile.camera.id || item.party !== party || item.id === tile.viewing);
}

/** Order pictures by how little they are looked at: the large and the selected one come last. */
export function leastLookedAt<T extends Held>(tiles: readonly T[], { large, selected }: Looked<T>): T[] {
  const rank = (tile: T) => (tile === selected ? 2 : tile === large ? 1 : 0);
  return tiles.toSorted((a, b) => rank(a) - rank(b) || a.selectedAtMs - b.selectedAtMs);
}

/** Return what may be swapped for a camera that lacks a slot, the best first. */
export function swapsForSlot<T extends Held>(tiles: readonly T[], looked: Looked<T>, items: readonly Viewing[], party: string): T[] {
  return leastLookedAt(tiles.filter((tile) => tile.running && freesSlot(tile, items, party)), looked);
}

/** Return what may be swapped for a camera that only lacks a place on this wall: what has ended comes first. */
export function swapsForPlace<T extends Held>(tiles: readonly T[], looked: Looked<T>): T[] {
  const ended = tiles.filter((tile) => !tile.running);
  return [...leastLookedAt(ended, looked), ...leastLookedAt(tiles.filter((tile) => tile.running), looked)];
}
