/** The wall: which camera stands where. Tiles never move by themselves; every refusal is kept in words until answered. */
import type { Api } from "../api/client";
import type { Ended, OpenedStream, Problem } from "../api/types";
import { isRepaired } from "../player/closing";
import type { Camera, Inventory } from "./inventory";
import { Tile, type EndedTile } from "./tile.svelte";

export const PLACES = 8;
export const PLACES_AT_FIRST = 4;
/** What can wait for a new picture waits no longer than this. */
const OPENING_MS_MAX = 1_500;

export type Refusal =
  | { kind: "decided"; camera: Camera; problem: Problem; swapWith: Tile | null; idleMs: number; asked?: "steer" }
  | { kind: "full"; camera: Camera; swapWith: Tile | null; idleMs: number }
  | { kind: "unknown"; number: string }
  /** Something other than a camera was asked for and not given. */
  | { kind: "other"; problem: Problem };

/** A place remembered across a reload of the page. */
interface Remembered {
  position: number;
  camera: string;
  event: string | null;
}

export class Wall {
  tiles = $state.raw<readonly (Tile | null)[]>(Array.from({ length: PLACES }, () => null));
  selected = $state(0);
  places = $state(PLACES_AT_FIRST);
  /** Where each position stands: cell 0 is the large one. Enlarging exchanges two cells and moves nothing else. */
  cells = $state<number[]>(Array.from({ length: PLACES }, (_, at) => at));
  refusal = $state.raw<Refusal | null>(null);
  /** A camera asked for without an event: it opens as soon as one is chosen. */
  awaitingEvent = $state.raw<{ camera: Camera; problem: Problem } | null>(null);

  /** A picture was asked for, and is not on the screen yet. */
  opening = $state(false);

  #openingUntilMs = 0;
  #api: Api;
  #event: () => string | null;
  #nowMs: () => number;
  #key: string;
  #asking = new Set<string>();
  /** Places promised to cameras that the node has not answered for yet. */
  #promised = new Set<number>();

  /** How many places there are, and what stands where: kept for the station and the role, without cameras. */
  get layout(): { places: number; cells: number[] } {
    return { places: this.places, cells: [...this.cells] };
  }

  /** Take a layout that was kept, where it is one and nothing is shown yet. */
  restore(layout: Record<string, unknown>): void {
    const { places, cells } = layout;
    if (this.shown.length || (places !== PLACES && places !== PLACES_AT_FIRST) || !Array.isArray(cells)) return;
    if (cells.toSorted().join() !== this.cells.toSorted().join()) return;
    this.places = places;
    this.cells = cells as number[];
    this.selected = this.cells.indexOf(0);
  }

  /** The pictures stay with the station; what a reload takes up again belongs to the new agent. */
  belongTo(key: string): void {
    sessionStorage.removeItem(this.#key);
    this.#key = `belvedere.wall.${key}`;
    this.#remember();
  }

  constructor(api: Api, event: () => string | null, nowMs: () => number, key: string) {
    this.#api = api;
    this.#event = event;
    this.#nowMs = nowMs;
    this.#key = `belvedere.wall.${key}`;
  }

  get shown(): Tile[] {
    return this.tiles.filter((tile): tile is Tile => tile !== null);
  }

  tileOf(camera: string): Tile | null {
    return this.shown.find((tile) => tile.camera.id === camera) ?? null;
  }

  get selectedTile(): Tile | null {
    return this.tiles[this.selected] ?? null;
  }

  isLarge(position: number): boolean {
    return this.cells[position] === 0;
  }

  select(position: number): void {
    if (!this.#isShown(position)) return;
    this.selected = position;
    const tile = this.tiles[position];
    if (tile) tile.selectedAtMs = this.#nowMs();
  }

  /** Select the next or the previous cell. */
  move(by: number): void {
    const cell = ((this.cells[this.selected] ?? 0) + by + this.places) % this.places;
    this.select(this.cells.indexOf(cell));
  }

  enlarge(position: number): void {
    const cell = this.cells[position];
    if (this.tiles[position] && cell !== undefined && cell !== 0) {
      this.cells[this.cells.indexOf(0)] = cell;
      this.cells[position] = 0;
    }
    this.select(position);
  }

  /** Four or eight places, as long as nothing stands in the last four. */
  changeLayout(): void {
    if (this.places === PLACES_AT_FIRST) this.places = PLACES;
    else if (this.tiles.every((tile, at) => tile === null || (this.cells[at] ?? 0) < PLACES_AT_FIRST)) {
      this.places = PLACES_AT_FIRST;
      if (!this.#isShown(this.selected)) this.selected = this.cells.indexOf(0);
    }
  }

  async open(camera: Camera): Promise<void> {
    const there = this.tileOf(camera.id);
    if (there?.running) return this.select(there.position);
    if (this.#asking.has(camera.id)) return;
    this.#asking.add(camera.id);
    this.#expectPicture();
    try {
      const position = there?.position ?? this.#firstFree();
      if (position < 0) await this.#askWithoutPlace(camera);
      else await this.#askFor(camera, position);
    } finally {
      this.#asking.delete(camera.id);
    }
  }

  /** Close the tile that was offered and open the refused camera in its place. */
  async swap(): Promise<void> {
    const { refusal } = this;
    if (!refusal || !("swapWith" in refusal) || !refusal.swapWith) return;
    const { swapWith, camera } = refusal;
    this.refusal = null;
    this.#expectPicture();
    await this.close(swapWith.position);
    await this.#askFor(camera, swapWith.position);
  }

  async close(position: number): Promise<void> {
    const tile = this.tiles[position];
    if (!tile) return;
    tile.player?.stop();
    tile.player = null;
    this.#put(position, null);
    if (tile.running) await this.#api.closeStream(tile.viewing);
  }

  /** The node tells why a viewing ended. A cut link is no end for the tile: its player asks again by itself. */
  ended(ended: Ended): void {
    if (isRepaired(ended.cause)) return;
    const tile = this.shown.find((one) => one.viewing === ended.viewing);
    tile?.end({ ...ended, articles: ended.articles ?? [], atMs: this.#nowMs() });
  }

  refused(tile: Tile, problem: Problem): void {
    tile.end(this.#asEnd(problem));
  }

  endedByRelay(tile: Tile, cause: string, article: string | null): void {
    tile.end({ cause, articles: article ? [article] : [], title: null, detail: null, remedy: null, atMs: this.#nowMs() });
  }

  refresh(nowMs: number): void {
    for (const tile of this.shown) tile.refresh(nowMs);
    const waiting = this.#asking.size > 0 || this.shown.some((tile) => tile.state === "opening");
    if (this.opening && (!waiting || performance.now() > this.#openingUntilMs)) this.opening = false;
  }

  /** Take up again, after a reload, the viewings that still run. */
  async takeUp(inventory: Inventory, mine: ReadonlySet<string>): Promise<void> {
    for (const { position, camera: id, event } of this.#remembered()) {
      const camera = inventory.byId(id);
      if (!camera || !mine.has(id) || position >= PLACES || this.tiles[position]) continue;
      const answer = await this.#api.openStream(id, event);
      if (answer.ok) this.#put(position, new Tile(position, camera, event, answer.body, this.#nowMs()));
    }
  }

  leave(): void {
    for (const tile of this.shown) tile.player?.stop();
    sessionStorage.removeItem(this.#key);
  }

  #isShown(position: number): boolean {
    return (this.cells[position] ?? PLACES) < this.places;
  }

  /** Return the free position of the lowest cell, or -1. */
  #firstFree(): number {
    const free = this.tiles.flatMap((tile, at) => (tile === null && !this.#promised.has(at) ? [at] : []));
    return free.reduce((best, at) => (best < 0 || (this.cells[at] ?? 0) < (this.cells[best] ?? 0) ? at : best), -1);
  }

  #expectPicture(): void {
    this.opening = true;
    this.#openingUntilMs = performance.now() + OPENING_MS_MAX;
  }

  async #askFor(camera: Camera, position: number): Promise<void> {
    const event = this.#event();
    this.#promised.add(position);
    const answer = await this.#api.openStream(camera.id, event);
    this.#promised.delete(position);
    if (answer.ok) {
      this.refusal = null;
      this.#place(camera, position, event, answer.body);
    } else if (answer.problem.cause === "no-event") {
      this.refusal = null;
      this.awaitingEvent = { camera, problem: answer.problem };
    } else this.#refuse(camera, answer.problem);
  }

  /** Every place is taken. The node says whether its rules refuse; if they do not, it is only this wall that is full. */
  async #askWithoutPlace(camera: Camera): Promise<void> {
    const event = this.#event();
    const foreseen = await this.#api.preview(camera.id, event);
    if (foreseen.ok && foreseen.body.verdict === "granted") {
      const { swapWith, idleMs } = this.#leastRecent();
      this.refusal = { kind: "full", camera, swapWith, idleMs };
      return;
    }
    const answer = await this.#api.openStream(camera.id, event);
    if (answer.ok) await this.#api.closeStream(answer.body.id);
    else this.#refuse(camera, answer.problem);
  }

  #refuse(camera: Camera, problem: Problem): void {
    const full = problem.cause === "quota" || problem.holders !== undefined;
    const { swapWith, idleMs } = full ? this.#leastRecent() : { swapWith: null, idleMs: 0 };
    this.refusal = { kind: "decided", camera, problem, swapWith, idleMs };
  }

  #leastRecent(): { swapWith: Tile | null; idleMs: number } {
    const running = this.shown.filter((tile) => tile.running);
    const swapWith = running.reduce<Tile | null>(
      (oldest, tile) => (!oldest || tile.selectedAtMs < oldest.selectedAtMs ? tile : oldest),
      null,
    );
    return { swapWith, idleMs: swapWith ? this.#nowMs() - swapWith.selectedAtMs : 0 };
  }

  #place(camera: Camera, position: number, event: string | null, opened: OpenedStream): void {
    this.#put(position, new Tile(position, camera, event, opened, this.#nowMs()));
    this.select(position);
  }

  #put(position: number, tile: Tile | null): void {
    this.tiles = this.tiles.map((one, at) => (at === position ? tile : one));
    if (tile && !this.#isShown(position)) this.places = PLACES;
    this.#remember();
  }

  #remember(): void {
    const kept: Remembered[] = this.shown
      .filter((one) => one.running)
      .map((one) => ({ position: one.position, camera: one.camera.id, event: one.event }));
    sessionStorage.setItem(this.#key, JSON.stringify(kept));
  }

  #remembered(): Remembered[] {
    try {
      const kept: unknown = JSON.parse(sessionStorage.getItem(this.#key) ?? "[]");
      return Array.isArray(kept) ? (kept as Remembered[]) : [];
    } catch {
      return [];
    }
  }

  #asEnd(problem: Problem): EndedTile {
    return {
      cause: problem.cause ?? "refused",
      articles: problem.articles ?? [],
      title: problem.title,
      detail: problem.detail ?? null,
      remedy: problem.remedy ?? null,
      atMs: this.#nowMs(),
    };
  }
}
