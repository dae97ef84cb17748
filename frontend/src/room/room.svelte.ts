/** What a signed-in browser knows: the session, the inventory, and what the node says as it changes. */
import { Api } from "../api/client";
import { listen, type Listening } from "../api/changes";
import type {
  CameraState,
  Centre,
  ConventionInForce,
  Decision,
  EventKind,
  GroundCollection,
  OperationalEvent,
  Problem,
  Session,
  Slots,
  Streams,
} from "../api/types";
import { speech } from "../i18n/speech.svelte";
import { ClockOffset } from "../player/age";
import { warmDecoder, webCodecsMayWork } from "../player/webcodecs";
import { cameraHappenings, eventHappenings, streamHappenings, type Happening } from "./feed";
import { Desk } from "./desk.svelte";
import { Inventory, type Camera } from "./inventory";
import { Wall } from "./wall.svelte";

const TICK_MS = 100;
const FEED_MAX = 200;
const PREVIEW_AFTER_MS = 80;
const LINK_LOST_MS = 2_000;

export interface FeedLine {
  atMs: number;
  happening: Happening;
}

export interface Foreseen {
  camera: Camera;
  decision: Decision;
}

const wallKey = ({ station, agent }: Session) => `${station.id}.${agent.label}`;

export class Room {
  session: Session = $state.raw() as Session;
  readonly api: Api;
  readonly wall: Wall;
  readonly desk = new Desk();
  readonly nodeClock = new ClockOffset();
  /** What pictures are dated by: the relay's clock, which is the node's unless a demo moved that one. */
  readonly pictureClock = new ClockOffset();

  inventory = $state.raw(new Inventory({ type: "FeatureCollection", features: [] }));
  ground = $state.raw<GroundCollection | null>(null);
  states = $state.raw<ReadonlyMap<string, CameraState>>(new Map());
  streams = $state.raw<Streams>({ items: [], slots: [], suspensions: [] });
  events = $state.raw<readonly OperationalEvent[]>([]);
  convention = $state.raw<ConventionInForce | null>(null);
  /** The owner's room: open, active, until when. */
  centre = $state.raw<Centre | null>(null);
  feed = $state.raw<readonly FeedLine[]>([]);
  eventId = $state<string | null>(null);
  linkUp = $state(true);
  /** Resolved once the inventory is there. */
  ready: Promise<void> = Promise.resolve();
  nowMs = $state(Date.now());
  foreseen = $state.raw<Foreseen | null>(null);
  /** What the camera number's field holds. */
  number = $state("");

  event: OperationalEvent | null = $derived(this.events.find((e) => e.id === this.eventId && e.state === "open") ?? null);
  /** The slots of one's own party, where the convention counts them. */
  slots: Slots | null = $derived(this.streams.slots.find((s) => s.party === this.session.agent.party) ?? null);
  watchedByOthers: ReadonlySet<string> = $derived(
    new Set(this.streams.items.filter((item) => item.party !== this.session.party).map((item) => item.camera)),
  );

  #signedOut: () => void;
  #stop: (() => void)[] = [];
  #listening: Listening | null = null;
  #known = { streams: false, events: false };
  #linkTimer: ReturnType<typeof setTimeout> | undefined;
  #previewTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(session: Session, api: Api, signedOut: () => void) {
    this.session = session;
    this.#signedOut = signedOut;
    this.api = api;
    this.wall = new Wall(api, () => this.#eventToCite(), () => this.now(), wallKey(session));
  }

  /** The node's time, in milliseconds since the Unix epoch. */
  now(): number {
    return Date.now() + this.nodeClock.ms;
  }

  get own(): boolean {
    return this.session.agent.party === this.session.party;
  }

  /** Load what the screens need, then follow what changes. */
  start(): Promise<void> {
    this.ready = this.#load();
    return this.ready;
  }

  async #load(): Promise<void> {
    if (webCodecsMayWork()) warmDecoder();
    const ticking = setInterval(() => this.#tick(), TICK_MS);
    this.#stop.push(() => clearInterval(ticking));
    const [cameras, ground, events, streams, convention, layout] = await Promise.all([
      this.api.cameras(),
      this.api.ground(),
      this.api.events(),
      this.api.streams(),
      this.api.convention(),
      this.api.layout(),
    ]);
    if (layout.ok) this.wall.restore(layout.body);
    if (cameras.ok) {
      this.inventory = new Inventory(cameras.body);
      this.states = new Map(cameras.body.features.map(({ properties }) => [properties.id, properties.state]));
    } else this.wall.refusal = { kind: "other", problem: cameras.problem };
    if (ground.ok) this.ground = ground.body;
    if (convention.ok) this.convention = convention.body;
    if (events.ok) this.#takeEvents(events.body.items);
    if (streams.ok) this.#takeStreams(streams.body);
    const listening = listen(speech.language, {
      streams: (body) => this.#takeStreams(body),
      events: (items) => this.#takeEvents(items),
      cameras: (items) => this.#takeStates(items),
      ended: (ended) => this.wall.ended(ended),
      clock: (nodeMs, receivedMs, aheadMs) => {
        this.nodeClock.take(nodeMs, receivedMs);
        this.pictureClock.take(nodeMs - aheadMs, receivedMs);
      },
      centre: (centre) => this.#takeCentre(centre),
      link: (up) => this.#linked(up),
      signedOut: () => this.#signedOut(),
    });
    this.#listening = listening;
    const unhear = speech.heard((language) => listening.speak(language));
    this.#stop.push(() => listening.stop(), unhear);
    const mine = new Set(this.streams.items.filter((item) => item.mine).map((item) => item.camera));
    this.eventId ??= this.streams.items.find((item) => item.mine && item.event)?.event?.id ?? null;
    await this.wall.takeUp(this.inventory, mine);
  }

  leave(): void {
    this.wall.leave();
    for (const stop of this.#stop.splice(0)) stop();
  }

  /** Open the camera whose number was typed. */
  async openNumber(): Promise<void> {
    const typed = this.number;
    this.number = "";
    this.foreseen = null;
    // A number typed while the screen still loads waits for the inventory.
    await this.ready;
    const camera = this.inventory.byNumber(Number(typed));
    if (camera) await this.wall.open(camera);
    else this.wall.refusal = { kind: "unknown", number: typed };
  }

  /** Ask what opening a camera would be answered, to say it before the key is pressed. Nothing is recorded. */
  foresee(camera: Camera | null): void {
    clearTimeout(this.#previewTimer);
    if (!camera) {
      this.foreseen = null;
      return;
    }
    if (this.foreseen?.camera.id === camera.id) return;
    this.foreseen = null;
    this.#previewTimer = setTimeout(async () => {
      const answer = await this.api.preview(camera.id, this.eventId);
      if (answer.ok) this.foreseen = { camera, decision: answer.body };
    }, PREVIEW_AFTER_MS);
  }

  /** Another agent takes the station by PIN: pictures and events stay. Returns why not, or null. */
  async relieve(login: string, pin: string): Promise<Problem | null> {
    const answer = await this.api.relieve(login, pin);
    if (!answer.ok) return answer.problem;
    this.session = answer.body;
    this.wall.belongTo(wallKey(answer.body));
    this.#listening?.again();
    return null;
  }

  /** Ask to steer the selected picture's camera; what is refused stands where the eye is. */
  async steer(): Promise<void> {
    const camera = this.wall.selectedTile?.camera;
    if (!camera) return;
    const answer = await this.api.steer(camera.id, this.#eventToCite());
    if (!answer.ok)
      this.wall.refusal = { kind: "decided", camera, problem: answer.problem, swapWith: null, idleMs: 0, asked: "steer" };
  }

  async openEvent(kind: EventKind): Promise<boolean> {
    await this.ready;
    const answer = await this.api.openEvent(kind);
    if (!answer.ok) {
      this.wall.refusal = { kind: "other", problem: answer.problem };
      return false;
    }
    const { id } = answer.body;
    if (!this.events.some((event) => event.id === id)) this.events = [answer.body, ...this.events];
    await this.joinEvent(id);
    return true;
  }

  /** Take an event as the node just answered it, before its own word of the change comes. */
  amended(event: OperationalEvent): void {
    this.events = this.events.map((one) => (one.id === event.id ? event : one));
  }

  async joinEvent(id: string): Promise<void> {
    this.eventId = id;
    this.foreseen = null;
    const waiting = this.wall.awaitingEvent;
    this.wall.awaitingEvent = null;
    if (waiting) await this.wall.open(waiting.camera);
  }

  /** A closed event is not cited any more; one that is not listed yet is, for the node to judge. */
  #eventToCite(): string | null {
    return this.events.find((event) => event.id === this.eventId)?.state === "closed" ? null : this.eventId;
  }

  /** A link that is back within two seconds was never missed. */
  #linked(up: boolean): void {
    clearTimeout(this.#linkTimer);
    if (up) this.linkUp = true;
    else this.#linkTimer = setTimeout(() => (this.linkUp = false), LINK_LOST_MS);
  }

  #tick(): void {
    this.nowMs = this.now();
    this.wall.refresh(Date.now());
  }

  #takeStreams(streams: Streams): void {
    const before = this.streams;
    this.streams = { ...streams, suspensions: streams.suspensions ?? [], slots: streams.slots ?? [] };
    if (this.#known.streams) this.#tell(streamHappenings(before, this.streams, this.session.party));
    this.#known.streams = true;
  }

  #takeEvents(items: readonly OperationalEvent[]): void {
    const before = this.events;
    this.events = items;
    if (this.#known.events) this.#tell(eventHappenings(before, items));
    this.#known.events = true;
  }

  /** What is told of the owner's room may also be a convention's replacement or withdrawal. */
  #takeCentre(centre: Centre): void {
    this.centre = centre;
    void this.api.convention().then((answer) => {
      if (answer.ok) this.convention = answer.body;
    });
  }

  #takeStates(items: readonly { id: string; state: CameraState }[]): void {
    this.#tell(cameraHappenings(this.states, items));
    const states = new Map(this.states);
    for (const { id, state } of items) states.set(id, state);
    this.states = states;
  }

  #tell(happenings: Happening[]): void {
    if (!happenings.length) return;
    const atMs = this.now();
    this.feed = [...happenings.map((happening) => ({ atMs, happening })), ...this.feed].slice(0, FEED_MAX);
  }
}
