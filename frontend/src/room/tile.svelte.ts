/** One place of the wall that holds a camera: what it shows, how old, and why it ended. */
import type { OpenedStream } from "../api/types";
import { tileState, type TileState } from "../player/age";
import type { EngineKind } from "../player/engine";
import type { Player } from "../player/player";
import type { Camera } from "./inventory";

export interface EndedTile {
  cause: string;
  articles: string[];
  title: string | null;
  detail: string | null;
  remedy: string | null;
  atMs: number;
}

export class Tile {
  readonly position: number;
  readonly camera: Camera;
  readonly event: string | null;
  /** Not reactive: read when the least recently selected is looked for. */
  selectedAtMs: number;
  opened: OpenedStream;
  player: Player | null = null;

  viewing = $state("");
  state = $state<TileState>("opening");
  ageMs = $state<number | null>(null);
  source = $state<"ok" | "lost">("ok");
  engineKind = $state<EngineKind | null>(null);
  undecodable = $state<string | null>(null);
  retrying = $state(false);
  ended = $state<EndedTile | null>(null);

  constructor(position: number, camera: Camera, event: string | null, opened: OpenedStream, nowMs: number) {
    this.position = position;
    this.camera = camera;
    this.event = event;
    this.opened = opened;
    this.viewing = opened.id;
    this.selectedAtMs = nowMs;
  }

  get running(): boolean {
    return this.ended === null;
  }

  /** Read the player again. Called several times a second. */
  refresh(nowMs: number): void {
    const { player } = this;
    if (player && !this.ended) {
      this.ageMs = player.ageMs(nowMs);
      this.source = player.source;
      this.engineKind = player.engineKind;
      this.undecodable = player.undecodable;
      this.retrying = player.retrying;
    }
    this.state = tileState(this);
  }

  end(ended: EndedTile): void {
    // The node's words win over the relay's code, whichever comes first.
    if (this.ended?.title && !ended.title) return;
    this.ended = ended;
    this.player?.stop();
    this.player = null;
    this.state = tileState(this);
  }
}
