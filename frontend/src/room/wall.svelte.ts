/** The wall: which camera stands where. Tiles never move by themselves; every refusal is kept in words until answered. */
import type { Answer, Api } from "../api/client";
import type { Cause, Ended, OpenedStream, Problem, Viewing } from "../api/types";
import { isRepaired } from "../player/closing";
import { weightOf } from "./ends";
import type { Camera, Inventory } from "./inventory";
import { LostAnswers } from "./lost_answers";
import { PLACES, PLACES_AT_FIRST } from "./places";
import { isUndecided, lacksSlot, type Refusal } from "./refusal";
import { RememberedWall } from "./remembered";
import { swapsForPlace, swapsForSlot } from "./swap";
import { Tile, type EndedTile } from "./tile.svelte";

/** What can wait for a new picture waits no longer than this. */
const OPENING_MS_MAX = 1_500;
/** A node that is busy is not waited for any longer before the second question. */
const AGAIN_MS_MAX = 5_000;

/** What the wall reads of the room that it hangs in. */
export interface Surroundings {
  /** The event that a picture is opened for; a promise while it is being opened itself. */
  event(): string | null | Promise<string | null>;
  nowMs(): number;
  party(): string;
  /** What runs, as the node last told it. */
  items(): readonly Viewing[];
  /** A person took this tile in hand. */
  selected(tile: Tile): void;
  /** A request had no answer: the node is to be asked what runs, as long as `Wall.asksAfter`. */
  unanswered(): void;
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

  shown: Tile[] = $derived(this.tiles.filter((tile): tile is Tile => tile !== null));
  running: Tile[] = $derived(this.shown.filter((tile) => tile.running));
  selectedTile: Tile | null = $derived(this.tiles[this.selected] ?? null);
  largeTile: Tile | null = $derived(this.tiles[this.cells.indexOf(0)] ?? null);
  /** What may be given up for the camera that was refused, the best first. */
  swaps: Tile[] = $derived.by(() => {
    const { refusal } = this;
    const looked = { large: this.largeTile, selected: this.selectedTile };
    if (refusal?.kind === "full") return swapsForPlace(this.shown.filter((tile) => !tile.asked), looked);
    if (!refusal || !lacksSlot(refusal)) return [];
    return swapsForSlot(this.shown, looked, this.#around.items(), this.#around.party());
  });
  /** The one that is offered: the best, or the one that a person picked. */
  swapWith: Tile | null = $derived(this.swaps.find(({ position }) => position === this.#picked) ?? this.swaps[0] ?? null);

  #picked = $state<number | null>(null);
  #openingUntilMs = 0;
  #api: Api;
  #around: Surroundings;
  #remembered: RememberedWall;
  /** Cameras asked for without a place: the node says whether its rules refuse them. */
  #asking = new Set<string>();
  #lost = new LostAnswers();
  /** Viewings that are being closed. */
  #closing = new Set<string>();

  constructor(api: Api, around: Surroundings, key: string) {
    this.#api = api;
    this.#around = around;
    this.#remembered = new RememberedWall(key);
  }

  /** The pictures stay with the station; what a reload takes up again belongs to the new agent. */
  belongTo(key: string): void {
    this.#remembered.forget();
    this.#remembered = new RememberedWall(key);
    this.#remember();
  }

  tileOf(camera: string): Tile | null {
    return this.shown.find((tile) => tile.camera.id === camera) ?? null;
  }

  select(position: number): void {
    if (!this.#isShown(position)) return;
    this.selected = position;
    const tile = this.tiles[position];
    if (!tile) return;
    tile.selectedAtMs = this.#around.nowMs();
    this.#around.selected(tile);
  }

  /** Whether a viewing may be this wall's own, asked for or closed and not answered yet. */
  isUnanswered({ id, camera }: Viewing): boolean {
    return this.#closing.has(id) || this.#lost.mayHold(camera) || this.#lost.mayRun(id);
  }

  /** Whether something may have come of a request without an answer. */
  get asksAfter(): boolean {
    return this.#lost.pending;
  }

  /** Whether one more picture has a place. */
  get hasPlace(): boolean {
    return this.#placeForOneMore() >= 0;
  }

  /**
   * Compare the agent's own viewings at this station with the tiles, after requests without an answer. What was given is
   * taken over where it is still waited for, else given back; what was closed is closed again.
   */
  compare(mine: readonly Viewing[]): void {
    const { given, unclosed } = this.#lost.compare(mine, this.#around.nowMs());
    for (const viewing of unclosed) void this.#release(viewing);
    for (const { id, camera, event } of given) {
      const forEvent = event?.id ?? null;
      if (this.#asking.has(camera) || this.shown.some((tile) => !tile.ended && tile.camera.id === camera && (tile.asked || tile.event === forEvent))) continue;
      this.#lost.answered(camera, forEvent);
      const { refusal } = this;
      const waited = refusal?.kind === "decided" && isUndecided(refusal) && refusal.camera.id === camera ? refusal.camera : null;
      if (waited && !this.tileOf(camera)?.running && this.#around.event() === forEvent) {
        this.refusal = null;
        void this.open(waited);
      } else void this.#release(id);
    }
  }

  /** Ask the node for a stream: once more by itself where it is too busy. `tile` says so, and whether it is still waited for. */
  async request(camera: string, event: string | null, tile: Tile | null = null): Promise<Answer<OpenedStream>> {
    const askedMs = this.#around.nowMs();
    let answer = await this.#api.openStream(camera, event);
    const afterMs = answer.ok ? null : (answer.retryAfterMs ?? null);
    if (!answer.ok && afterMs !== null && this.#waitsFor(tile)) {
      if (tile) tile.askedAgain = answer.problem;
      // Those who were refused together do not come back together.
      await new Promise((resolve) => setTimeout(resolve, Math.min(afterMs, AGAIN_MS_MAX) * (1 + Math.random() / 2)));
      if (this.#waitsFor(tile)) answer = await this.#api.openStream(camera, event);
    }
    if (answer.ok || answer.status !== 0) this.#lost.answered(camera, event);
    else {
      this.#lost.opening(camera, event, askedMs);
      this.#around.unanswered();
    }
    return answer;
  }

  #waitsFor(tile: Tile | null): boolean {
    return tile === null || this.tiles[tile.position] === tile;
  }

  /** Close a viewing; without an answer it is closed again once the node is heard. */
  async #release(viewing: string): Promise<void> {
    this.#closing.add(viewing);
    const answer = await this.#api.closeStream(viewing);
    this.#closing.delete(viewing);
    if (answer.ok || (answer.status !== 0 && answer.status < 500)) return;
    this.#lost.closing(viewing);
    this.#around.unanswered();
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

  /** Show four or eight places; return whether it could: nothing may stand in those that go. */
  changeLayout(): boolean {
    return this.show(this.places === PLACES_AT_FIRST ? PLACES : PLACES_AT_FIRST);
  }

  /** Show that many places; return whether it could. What has ended in those that go is put away. */
  show(places: number): boolean {
    const going = this.shown.filter(({ position }) => (this.cells[position] ?? 0) >= places);
    if (going.some((tile) => !tile.ended)) return false;
    for (const { position } of going) this.#put(position, null);
    this.places = places;
    if (!this.#isShown(this.selected)) this.selected = this.cells.indexOf(0);
    return true;
  }

  /** Say where each position stands, as long as nothing hangs there. */
  arrange(cells: readonly number[]): void {
    if (this.shown.length || cells.toSorted().join() !== this.cells.toSorted().join()) return;
    this.cells = [...cells];
    this.selected = this.cells.indexOf(0);
  }

  async open(camera: Camera): Promise<void> {
    const there = this.tileOf(camera.id);
    if (there && (there.running || there.asked)) return this.select(there.position);
    if (this.#asking.has(camera.id)) return;
    this.#expectPicture();
    const position = there?.position ?? this.#placeForOneMore();
    if (position >= 0) return this.#askFor(camera, position);
    this.#asking.add(camera.id);
    try {
      await this.#askWithoutPlace(camera);
    } finally {
      this.#asking.delete(camera.id);
    }
  }

  /** Ask again for the camera of the refusal that stands there. */
  async retry(): Promise<void> {
    const { refusal } = this;
    if (!refusal || !("camera" in refusal)) return;
    this.refusal = null;
    await this.open(refusal.camera);
  }

  /** Offer the next or the previous of the pictures that may be given up. */
  pick(by: number): void {
    const { swaps, swapWith } = this;
    if (!swapWith) return;
    this.#picked = swaps[(swaps.indexOf(swapWith) + by + swaps.length) % swaps.length]?.position ?? null;
  }

  /** Give up the picture that is offered for the refused camera. Where that one is refused still, the picture comes back. */
  async swap(): Promise<void> {
    const { refusal, swapWith: given } = this;
    if (!refusal || !("camera" in refusal) || !given) return;
    const { camera } = refusal;
    this.refusal = null;
    this.#expectPicture();
    // The place is held by the camera that comes, from now on: nothing else is put there meanwhile.
    const asked = this.#ask(camera, given.position, this.#eventNow());
    if (given.running) await this.#release(given.viewing);
    const problem = await this.#answerFor(asked, null);
    if (!problem) return;
    let lost: Problem | null = null;
    if (given.running) lost = await this.#answerFor(this.#ask(given.camera, given.position, given.event), given);
    else this.#put(given.position, given);
    this.#refuse(camera, problem, lost ? null : given.camera);
  }

  /** Show the selected picture for another event: the camera flows already, so it takes no further slot. */
  async pour(event: string): Promise<void> {
    const tile = this.selectedTile;
    if (!tile?.running || tile.event === event) return;
    const answer = await this.request(tile.camera.id, event);
    if (!answer.ok) {
      this.refusal = { kind: "decided", camera: tile.camera, problem: answer.problem, asked: "view", back: null };
      return;
    }
    const poured = this.#ask(tile.camera, tile.position, event);
    poured.take(answer.body);
    this.select(tile.position);
    this.#remember();
    await this.#release(tile.viewing);
  }

  async close(position: number): Promise<void> {
    const tile = this.tiles[position];
    if (!tile) return;
    const { running, viewing } = tile;
    this.#put(position, null);
    if (running) await this.#release(viewing);
  }

  /** Take away every picture that has ended. */
  clearEnded(): void {
    for (const { position } of this.shown.filter((tile) => tile.ended)) this.#put(position, null);
  }

  /** The node tells why a viewing ended. A cut link is no end for the tile: its player asks again by itself. */
  ended(ended: Ended): void {
    const tile = this.shown.find((one) => one.viewing === ended.viewing);
    if (isRepaired(ended.cause)) {
      if (tile) tile.lapsed = true;
      return;
    }
    tile?.end({ cause: ended.cause, articles: ended.articles, words: ended, atMs: this.#around.nowMs() });
    if (tile) this.#remember();
  }

  refused(tile: Tile, problem: Problem): void {
    tile.end(this.#asEnd(problem));
  }

  endedByRelay(tile: Tile, cause: Cause, article: string | null): void {
    tile.end({ cause, articles: article ? [article] : [], words: null, atMs: this.#around.nowMs() });
    this.#remember();
  }

  /** A viewing came that no player waits for any more: its slot is given back, unless a tile shows it after all. */
  unwanted({ id, camera }: OpenedStream): void {
    if (this.shown.some((tile) => tile.viewing === id || (tile.asked && tile.camera.id === camera))) return;
    void this.#release(id);
  }

  refresh(nowMs: number): void {
    for (const tile of this.shown) tile.refresh(nowMs);
    const waiting = this.#asking.size > 0 || this.shown.some((tile) => tile.state === "opening");
    if (this.opening && (!waiting || performance.now() > this.#openingUntilMs)) this.opening = false;
  }

  /** Take up again, after a reload, the viewings that still run. */
  async takeUp(inventory: Inventory, mine: ReadonlySet<string>): Promise<void> {
    const still = this.#remembered.read().flatMap(({ position, camera: id, event }) => {
      const camera = inventory.byId(id);
      return camera && mine.has(id) && position >= 0 && position < PLACES && !this.tiles[position] && !this.tileOf(id)
        ? [this.#ask(camera, position, event)]
        : [];
    });
    await Promise.all(still.map((tile) => this.#answerFor(tile, null)));
  }

  leave(): void {
    for (const tile of this.shown) tile.drop();
    this.#remembered.forget();
  }

  #isShown(position: number): boolean {
    return (this.cells[position] ?? PLACES) < this.places;
  }

  /**
   * Return the position for one more picture, or -1 where each is in use: the first free place; else, before the wall is cut
   * smaller, that of a picture that somebody closed on purpose; at last that of any that has ended, the oldest end first.
   */
  #placeForOneMore(): number {
    const ranked = this.tiles.flatMap((tile, at) => {
      const cell = this.cells[at] ?? 0;
      if (!tile) return [{ at, rank: this.#isShown(at) ? 0 : 2, then: cell }];
      if (tile.ended) return [weightOf(tile.ended.cause) === "ordinary" ? { at, rank: 1, then: cell } : { at, rank: 3, then: tile.ended.atMs }];
      return tile.over ? [{ at, rank: 4, then: cell }] : [];
    });
    return ranked.toSorted((a, b) => a.rank - b.rank || a.then - b.then)[0]?.at ?? -1;
  }

  #expectPicture(): void {
    this.opening = true;
    this.#openingUntilMs = performance.now() + OPENING_MS_MAX;
  }

  #eventNow(): string | null {
    const event = this.#around.event();
    return event instanceof Promise ? null : event;
  }

  /** Ask for a camera at a place: its tile stands there at once, before the node has answered. */
  async #askFor(camera: Camera, position: number): Promise<void> {
    const former = this.tiles[position] ?? null;
    const event = this.#around.event();
    const asked = this.#ask(camera, position, event instanceof Promise ? null : event);
    this.select(position);
    if (event instanceof Promise) {
      asked.event = await event;
      if (this.tiles[position] !== asked) return;
    }
    const problem = await this.#answerFor(asked, former);
    if (problem?.cause === "no-event") {
      this.refusal = null;
      this.awaitingEvent = { camera, problem };
    } else if (problem) this.#refuse(camera, problem, null);
  }

  /** Put a tile that waits for the node's answer. */
  #ask(camera: Camera, position: number, event: string | null): Tile {
    const asked = new Tile(position, camera, event, this.#around.nowMs());
    this.#put(position, asked);
    return asked;
  }

  /** Ask the node; return why not. What stood there before, or nothing, then comes back: with its end, if it had run. */
  async #answerFor(asked: Tile, former: Tile | null): Promise<Problem | null> {
    const answer = await this.request(asked.camera.id, asked.event, asked);
    const stands = this.tiles[asked.position] === asked;
    if (answer.ok) {
      if (!stands) this.unwanted(answer.body);
      else {
        asked.take(answer.body);
        this.refusal = null;
        this.#remember();
      }
      return null;
    }
    if (stands) {
      if (former?.running && former.camera.id === asked.camera.id) former.end(this.#asEnd(answer.problem));
      this.#put(asked.position, former);
    }
    return stands ? answer.problem : null;
  }

  /** Every place is taken. The node says whether its rules refuse; if they do not, it is only this wall that is full. */
  async #askWithoutPlace(camera: Camera): Promise<void> {
    const event = await this.#around.event();
    const foreseen = await this.#api.preview(camera.id, event);
    if (foreseen.ok && foreseen.body.verdict === "granted") {
      this.#picked = null;
      this.refusal = { kind: "full", camera };
      return;
    }
    const answer = await this.request(camera.id, event);
    if (answer.ok) this.unwanted(answer.body);
    else this.#refuse(camera, answer.problem, null);
  }

  #refuse(camera: Camera, problem: Problem, back: Camera | null): void {
    this.#picked = null;
    this.refusal = { kind: "decided", camera, problem, asked: "view", back };
  }

  #put(position: number, tile: Tile | null): void {
    const former = this.tiles[position];
    if (former && former !== tile) former.drop();
    this.tiles = this.tiles.map((one, at) => (at === position ? tile : one));
    if (tile && !this.#isShown(position)) this.places = PLACES;
    this.#remember();
  }

  #remember(): void {
    const kept = this.shown.filter((tile) => !tile.ended);
    this.#remembered.keep(kept.map(({ position, camera, event }) => ({ position, camera: camera.id, event })));
  }

  #asEnd(problem: Problem): EndedTile {
    const { cause = "refused", articles = [] } = problem;
    return { cause, articles, words: wordsOf(problem), atMs: this.#around.nowMs() };
  }
}

/** A problem's words in the form of an end's; read each time, for they follow the language. */
function wordsOf(problem: Problem): NonNullable<EndedTile["words"]> {
  return {
    get title() { return problem.title; },
    get detail() { return problem.detail ?? null; },
    get remedy() { return problem.remedy ?? null; },
  };
}
