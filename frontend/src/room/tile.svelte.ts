/** One place of the wall that holds a camera: what it shows, how old, and why it ended. */
import type { Cause, EndedWords, OpenedStream, Problem, Suspension } from "../api/types";
import { ReadAge, tileState, type TileState } from "../player/age";
import type { EngineKind } from "../player/engine";
import type { Player } from "../player/player";
import { CauseWatch } from "./ends";
import type { Camera } from "./inventory";

/** Why a picture ended; `words` are the node's, where they came. */
export interface EndedTile {
  cause: Cause;
  articles: string[];
  words: EndedWords | null;
  atMs: number;
}

export class Tile {
  readonly position: number;
  readonly camera: Camera;
  /** What the picture is for. */
  event = $state<string | null>(null);
  /** Not reactive: read when the least recently selected is looked for. */
  selectedAtMs: number;
  player: Player | null = null;

  /** What the node answered; null while it has not. */
  opened = $state.raw<OpenedStream | null>(null);
  viewing = $state("");
  state = $state<TileState>("opening");
  ageMs = $state<number | null>(null);
  /** The age as it is read: it changes once a second. */
  readAgeMs = $state<number | null>(null);
  source = $state<"ok" | "lost">("ok");
  /** Why its source is lost, as the relay says. */
  sourceCause = $state<string | null>(null);
  engineKind = $state<EngineKind | null>(null);
  undecodable = $state<string | null>(null);
  retrying = $state(false);
  /** In how many seconds a picture is due, where none can be shown before. */
  firstPictureInS = $state<number | null>(null);
  /** The node was too busy to answer, and is being asked a second time: what it said. */
  askedAgain = $state.raw<Problem | null>(null);
  /** The node ended the viewing for something that the player repairs, and has not given another yet. */
  lapsed = $state(false);
  ended = $state.raw<EndedTile | null>(null);
  /** The suspension that ended the picture, kept after it was lifted. */
  suspension = $state.raw<Suspension | null>(null);
  /** Since when what ended the picture is no more. */
  restoredAtMs = $state<number | null>(null);
  /** Width and height of the picture in its own pixels; null before the first. */
  size = $state.raw<{ width: number; height: number } | null>(null);

  #readAge = new ReadAge();
  #cause = new CauseWatch();

  constructor(position: number, camera: Camera, event: string | null, nowMs: number) {
    this.position = position;
    this.camera = camera;
    this.event = event;
    this.selectedAtMs = nowMs;
  }

  /** The node gave a viewing, which neither it nor this browser has ended since. */
  get running(): boolean {
    return this.opened !== null && this.ended === null;
  }

  /** Nothing runs behind it: its place is free for another picture, and it keeps its word until one comes. */
  get over(): boolean {
    return this.ended !== null || this.lapsed;
  }

  /** Asked for, and not answered yet. */
  get asked(): boolean {
    return this.opened === null && this.ended === null;
  }

  /** The node answered: the picture is fetched as soon as the tile stands on the screen. */
  take(opened: OpenedStream): void {
    this.renewed(opened);
    this.player?.start(opened);
  }

  /** The player asked again by itself, and goes on under this answer. */
  renewed(opened: OpenedStream): void {
    this.opened = opened;
    this.viewing = opened.id;
    this.askedAgain = null;
    this.lapsed = false;
  }

  /** The tile stands on the screen with its player. */
  mounted(player: Player): void {
    this.player = player;
    if (this.running && this.opened) player.start(this.opened);
  }

  /** Read the player again. Called several times a second. */
  refresh(nowMs: number): void {
    const { player } = this;
    if (player && !this.ended) {
      this.ageMs = player.ageMs(nowMs);
      this.readAgeMs = this.#readAge.take(this.ageMs, nowMs);
      this.source = player.source;
      this.sourceCause = player.cause;
      this.engineKind = player.engineKind;
      this.undecodable = player.undecodable;
      this.retrying = player.retrying;
      this.firstPictureInS = player.firstPictureInS();
      const { size } = player;
      if (size?.width !== this.size?.width || size?.height !== this.size?.height) this.size = size;
    }
    this.state = tileState(this);
  }

  end(ended: EndedTile): void {
    // The node's words win over the relay's code, whichever comes first.
    if (this.ended?.words && !ended.words) return;
    this.ended = ended;
    this.restoredAtMs = null;
    this.#cause = new CauseWatch();
    this.#stop();
    this.state = tileState(this);
  }

  /** Learn whether what ended the picture still stands. */
  heed(causeStands: boolean | null, nowMs: number): void {
    this.restoredAtMs = this.#cause.take(causeStands, nowMs);
  }

  /** The tile goes: its picture with it. */
  drop(): void {
    this.#stop();
  }

  #stop(): void {
    this.player?.stop();
    this.player = null;
  }
}
