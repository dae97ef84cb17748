/** What pictures are opened for: the events of one's own party, and the one in course at this station. */
import type { Api } from "../api/client";
import type { EventKind, OperationalEvent, Problem } from "../api/types";
import type { Tile } from "./tile.svelte";
import type { Wall } from "./wall.svelte";

export class Course {
  /** The events of one's own party, as the node lists them. */
  listed = $state.raw<readonly OperationalEvent[]>([]);
  eventId = $state<string | null>(null);
  /** The kind of an event that is asked for and not answered yet. */
  openingKind = $state<EventKind | null>(null);

  /** The event of the picture in hand, or the one just opened or joined; once it is closed, that of another picture. */
  event: OperationalEvent | null = $derived.by(() => {
    const shown = this.#wall().running.find((tile) => this.#open(tile.event));
    return this.#open(this.eventId) ?? this.#open(shown?.event ?? null);
  });
  /** Those of one's own party that run beside it, the newest first. */
  others: readonly OperationalEvent[] = $derived(
    this.listed
      .filter(({ state, party, id }) => state === "open" && party === this.#party() && id !== this.event?.id)
      .toSorted((a, b) => b.opened_at.localeCompare(a.opened_at)),
  );
  /** The event for which the selected picture may be shown instead: the one in course, else the newest other one. */
  pourInto: OperationalEvent | null = $derived.by(() => {
    const tile = this.#wall().selectedTile;
    if (!tile?.running || tile.event === null) return null;
    if (this.event && this.event.id !== tile.event) return this.event;
    const known = new Set([...this.#wall().running.map(({ event }) => event), ...this.#touched]);
    return this.others.find(({ id }) => id !== tile.event && known.has(id)) ?? null;
  });

  /** Events that were opened or joined from this window. */
  #touched = $state.raw<readonly string[]>([]);
  #asked: Promise<string | null> | null = null;
  #api: Api;
  #party: () => string;
  #wall: () => Wall;

  constructor(api: Api, party: () => string, wall: () => Wall) {
    this.#api = api;
    this.#party = party;
    this.#wall = wall;
  }

  /** What a picture is opened for; a promise while an event is being opened itself. */
  forPicture(): string | null | Promise<string | null> {
    return this.#asked ?? this.cited();
  }

  /** A closed event is not cited any more; one that is not listed yet is, for the node to judge. */
  cited(): string | null {
    if (this.event) return this.event.id;
    return this.listed.find((event) => event.id === this.eventId)?.state === "closed" ? null : this.eventId;
  }

  /** The picture in hand says for what the next one is. */
  tookInHand({ event }: Tile): void {
    if (this.#open(event)) this.eventId = event;
  }

  /** Open an event; return why not, or null. What is asked for meanwhile waits for it, and is for it. */
  async open(kind: EventKind, ready: Promise<void>): Promise<Problem | null> {
    this.openingKind = kind;
    const asked = ready.then(() => this.#api.openEvent(kind));
    this.#asked = asked.then((answer) => (answer.ok ? answer.body.id : this.cited()));
    const answer = await asked;
    this.openingKind = null;
    this.#asked = null;
    if (!answer.ok) return answer.problem;
    const { id } = answer.body;
    if (!this.listed.some((event) => event.id === id)) this.listed = [answer.body, ...this.listed];
    await this.join(id);
    return null;
  }

  async join(id: string): Promise<void> {
    this.eventId = id;
    this.#touched = [...new Set([...this.#touched, id])];
    const wall = this.#wall();
    const waiting = wall.awaitingEvent;
    wall.awaitingEvent = null;
    if (waiting) await wall.open(waiting.camera);
  }

  /** Take an event as the node just answered it, before its own word of the change comes. */
  amended(event: OperationalEvent): void {
    this.listed = this.listed.map((one) => (one.id === event.id ? event : one));
  }

  #open(id: string | null): OperationalEvent | null {
    return id === null ? null : (this.listed.find((event) => event.id === id && event.state === "open") ?? null);
  }
}
