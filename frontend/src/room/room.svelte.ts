/** What a signed-in browser knows: the session, the inventory, and what the node says as it changes. */
import { Api, type Answer } from "../api/client";
import { listen, type Listening, type ToldCamera } from "../api/changes";
import { speakingEnd } from "../api/spoken";
import type {
  CameraCollection,
  CameraState,
  SourceCause,
  Centre,
  ConventionInForce,
  Ended,
  EndedInShort,
  EventKind,
  GroundCollection,
  Look,
  OperationalEvent,
  Partners,
  Problem,
  Session,
  Slots,
  SteeringTold,
  Streams,
  Suspension,
  Viewing,
} from "../api/types";
import type { Before } from "../i18n/foreseen";
import { speech } from "../i18n/speech.svelte";
import { ClockOffset } from "../player/age";
import { warmDecoder, webCodecsMayWork } from "../player/webcodecs";
import { nearest } from "../map/near";
import { goesOn } from "../steering/ribbon";
import { Steering } from "../steering/steering.svelte";
import { Course } from "./course.svelte";
import { Desk } from "./desk.svelte";
import { Elsewhere } from "./elsewhere";
import { causeStands } from "./ends";
import { centreHappenings, eventHappenings, Feed, lookHappenings, partnersEvents, steeringHappenings, type FeedLine } from "./feed";
import { Foresight } from "./foresight.svelte";
import { Gazetteer } from "./gazetteer";
import { Inventory, type Camera } from "./inventory";
import { KEPT_AT_FIRST, readKept, type Kept } from "./layouts";
import { Link } from "./link";
import { Outages } from "./outages";
import { isUndecided, lacksSlot } from "./refusal";
import { isOwners, ownerOf } from "./sides";
import { swapsForSlot } from "./swap";
import { Wall } from "./wall.svelte";

const TICK_MS = 100;
/** How often the link is timed, and the session's end asked for. */
const MEASURE_MS = 20_000;
/** A node that could not give the cameras is asked again. */
const AGAIN_MS = 2_000;

/** A short word on what was just done, or why not; it stands until the next key. */
export type Notice =
  | { is: "relieved"; atMs: number; pictures: number | null }
  | { is: "placesTaken"; pictures: number }
  | { is: "blankFirst" }
  | { is: "nothingToPour" };

/** A camera, or a place by longitude and latitude. */
export type LookAt = { camera: Camera } | { position: [number, number] };

const wallKey = ({ station, agent }: Session) => `${station.id}.${agent.label}`;

export class Room {
  session: Session = $state.raw() as Session;
  readonly api: Api;
  readonly wall: Wall;
  readonly desk: Desk;
  readonly foresight: Foresight;
  readonly course: Course;
  readonly steering: Steering;
  readonly nodeClock = new ClockOffset();
  /** What pictures are dated by: the relay's clock, which is the node's unless a demo moved that one. */
  readonly pictureClock = new ClockOffset();

  inventory = $state.raw(new Inventory({ type: "FeatureCollection", features: [] }));
  ground = $state.raw<GroundCollection | null>(null);
  gazetteer: Gazetteer = $derived(new Gazetteer(this.ground));
  states = $state.raw<ReadonlyMap<string, CameraState>>(new Map());
  /** Why each lost camera is lost. */
  causes = $state.raw<ReadonlyMap<string, SourceCause>>(new Map());
  streams = $state.raw<Streams>({ items: [], slots: [], suspensions: [] });
  convention = $state.raw<ConventionInForce | null>(null);
  /** The owner's room: open, active, until when. */
  centre = $state.raw<Centre | null>(null);
  /** The partners that have a node, and why one waits; one's own party alone on a partner's screen. */
  partners = $state.raw<Partners>({ items: [], may_be_confirmed: false });
  feed = $state.raw<readonly FeedLine[]>([]);
  /** Since when the node is not heard, by its own clock; what is shown dates from then. Null while it is heard. */
  lostSinceMs = $state<number | null>(null);
  /** How long a small question takes to the node and back. */
  latencyMs = $state<number | null>(null);
  /** Resolved once the inventory is there. */
  ready: Promise<void> = Promise.resolve();
  nowMs = $state(Date.now());
  /** What the camera number's field holds. */
  number = $state("");
  notice = $state.raw<Notice | null>(null);
  /** What the owner's room is about to be asked to look at: a dialog asks for the words. */
  lookAt = $state.raw<LookAt | null>(null);
  /** What this station keeps for this role. */
  kept = $state.raw<Kept>(KEPT_AT_FIRST);
  /** One's own viewings that no tile of this window shows. */
  elsewhere = $state.raw<readonly Viewing[]>([]);

  /** The owner's room reads its partners' events from what they watch for. */
  events: readonly OperationalEvent[] = $derived.by(() => {
    const { listed } = this.course;
    return this.own ? [...listed, ...partnersEvents(this.streams.items, this.session.party)] : listed;
  });
  /** The slots of one's own party, where the convention counts them. */
  slots: Slots | null = $derived(this.streams.slots.find((s) => s.party === this.session.agent.party) ?? null);
  watchedByOthers: ReadonlySet<string> = $derived(
    new Set(this.streams.items.filter((item) => item.party !== this.session.party).map((item) => item.camera)),
  );
  lostCameras = $derived(this.inventory.cameras.filter(({ id }) => this.states.get(id) === "lost"));

  #stop: (() => void)[] = [];
  #left = false;
  #listening: Listening | null = null;
  #known = { streams: false, events: false };
  #toldSteering: SteeringTold | null = null;
  #link = new Link(performance.now());
  #feed = new Feed(() => this.session.party);
  #outages = new Outages({
    sectorOf: (camera) => this.inventory.byId(camera)?.sector ?? "",
    count: (sector) => this.inventory.cameras.filter((camera) => camera.sector === sector).length,
  });
  #elsewhere = new Elsewhere();
  #aheadMs = 0;
  #askingAfter = false;
  #measuredMs = -Infinity;

  constructor(session: Session, api: Api, signedOut: () => void) {
    this.session = session;
    this.#signedOut = signedOut;
    this.api = api;
    this.desk = new Desk(session.station.id, () => this.session.agent.role);
    this.foresight = new Foresight(api);
    this.course = new Course(api, () => this.session.agent.party, () => this.wall);
    this.wall = new Wall(
      api,
      {
        event: () => this.course.forPicture(),
        nowMs: () => this.now(),
        party: () => this.session.agent.party,
        items: () => this.streams.items,
        selected: (tile) => this.course.tookInHand(tile),
        unanswered: () => void this.#askAfter(),
      },
      wallKey(session),
    );
    this.steering = new Steering(api, {
      nowMs: () => this.now(),
      who: () => this.session.agent,
      camera: () => (this.wall.selectedTile?.running ? this.wall.selectedTile.camera.id : null),
      asksLooks: () => !this.own,
      pads: () => (!document.hasFocus() || this.desk.blank ? [] : navigator.getGamepads()),
      socket: (lease) => this.api.steeringSocket(lease),
    });
  }

  #signedOut: () => void;

  /** The node's time, in milliseconds since the Unix epoch. */
  now(): number {
    return Date.now() + this.nodeClock.ms;
  }

  get own(): boolean {
    return isOwners(this.session);
  }

  /** The party whose cameras are shown here. */
  get owner(): string {
    return ownerOf(this.session, this.convention?.bound);
  }

  get linkUp(): boolean {
    return this.lostSinceMs === null;
  }

  /** Load what the screens need, follow what changes, take up the pictures that a reload left. */
  async start(): Promise<void> {
    this.ready = this.#load();
    await this.ready;
    if (!this.#left) await this.#takeUp();
  }

  async #load(): Promise<void> {
    if (webCodecsMayWork()) warmDecoder();
    const ticking = setInterval(() => this.#tick(), TICK_MS);
    this.#stop.push(() => clearInterval(ticking));
    const [cameras, ground, events, streams, convention, layout] = await Promise.all([
      this.#cameras(),
      this.api.ground(),
      this.api.events(),
      this.api.streams(),
      this.api.convention(),
      this.api.layout(),
    ]);
    if (this.#left) return;
    if (layout.ok) {
      this.kept = readKept(layout.body);
      if (!this.wall.shown.length) this.wall.show(this.kept.places);
    }
    if (cameras?.ok) {
      this.inventory = new Inventory(cameras.body);
      this.states = new Map(cameras.body.features.map(({ properties }) => [properties.id, properties.state]));
      this.causes = new Map(cameras.body.features.flatMap(({ properties: { id, cause } }) => (cause ? [[id, cause]] : [])));
      this.#outages.begin(this.states);
    } else if (cameras) this.wall.refusal = { kind: "other", problem: cameras.problem };
    if (ground.ok) this.ground = ground.body;
    if (convention.ok) this.convention = convention.body;
    if (events.ok) this.#takeEvents(events.body.items);
    if (streams.ok) this.#takeStreams(streams.body);
    this.#follow();
  }

  /** Ask for the cameras, without which a room can do nothing, however long the node takes; null once the room is left. */
  async #cameras(): Promise<Answer<CameraCollection> | null> {
    for (;;) {
      const answer = await this.api.cameras();
      if (answer.ok || (answer.status !== 0 && answer.status < 500)) return answer;
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
      if (this.#left) return null;
    }
  }

  async #takeUp(): Promise<void> {
    const mine = this.#mineHere(this.streams.items);
    this.course.eventId ??= mine.find((item) => item.event)?.event?.id ?? null;
    await this.wall.takeUp(this.inventory, new Set(mine.map((item) => item.camera)));
    const [first] = this.wall.running;
    if (first) this.wall.select((this.wall.largeTile ?? first).position);
  }

  #follow(): void {
    this.#link.heard(performance.now());
    const listening = listen(speech.language, {
      streams: (body) => this.#takeStreams(body),
      events: (items) => this.#takeEvents(items),
      cameras: (items) => this.#takeStates(items),
      ended: (ended) => this.#takeEnd(ended),
      clock: (told) => {
        this.#link.heard(performance.now());
        this.nodeClock.take(told.nodeMs, told.receivedMs);
        this.pictureClock.take(told.nodeMs - told.aheadMs, told.receivedMs);
        if (told.startedAt) this.#feed.runsSince(told.startedAt, this.now());
        // A clock that was moved moves the hour of the session's end with it.
        if (Math.abs(told.aheadMs - this.#aheadMs) > 1_000) this.#measuredMs = -Infinity;
        this.#aheadMs = told.aheadMs;
      },
      centre: (centre) => this.#takeCentre(centre),
      partners: (partners) => (this.partners = partners),
      steering: (told) => this.#takeSteering(told),
      positions: (told) => this.steering.takePositions(told),
      link: (up) => (up ? this.#link.heard(performance.now()) : this.#link.cut(performance.now())),
      signedOut: () => this.#signedOut(),
    });
    this.#listening = listening;
    const unhear = speech.heard((language) => listening.speak(language));
    this.#stop.push(() => listening.stop(), unhear);
  }

  /** Hear the node anew, under the session as it stands now. */
  followAgain(): void {
    this.#listening?.again();
  }

  leave(): void {
    this.#left = true;
    this.steering.leave();
    this.wall.leave();
    this.desk.forget();
    for (const stop of this.#stop.splice(0)) stop();
  }

  /** Whether leaving the post would end something. */
  get hasSomethingRunning(): boolean {
    return this.wall.running.length > 0 || this.eventsLeftOpen.length > 0;
  }

  /** Open events that this agent opened or took over: they go on without anybody who knows them. */
  get eventsLeftOpen(): OperationalEvent[] {
    const { pseudonym, party } = this.session.agent;
    return this.course.listed.filter((event) => event.state === "open" && event.party === party && event.kept_by === pseudonym);
  }

  /** Whether a stream has become free since a camera was refused for want of one. */
  get slotIsFree(): boolean {
    const { refusal } = this.wall;
    return refusal !== null && lacksSlot(refusal) && this.slots !== null && this.slots.used < this.slots.total;
  }

  /** Whether what stands refused may be asked for again by one key. */
  get mayRetry(): boolean {
    const { refusal } = this.wall;
    return refusal !== null && (this.slotIsFree || isUndecided(refusal));
  }

  get event(): OperationalEvent | null {
    return this.course.event;
  }

  /** What the sentence before a key reads beside the engine's answer. */
  get before(): Before {
    const { event, slots, wall } = this;
    const [swap] = slots ? swapsForSlot(wall.shown, { large: wall.largeTile, selected: wall.selectedTile }, this.streams.items, slots.party) : [];
    return {
      slots,
      swapWith: swap?.camera.number ?? null,
      kind: event && this.course.others.length ? speech.words.kinds[event.kind].toLocaleLowerCase(speech.language) : null,
      number: (id) => this.inventory.byId(id)?.number ?? id,
    };
  }

  suspensionOf(camera: string, party: string = this.session.agent.party): Suspension | null {
    return this.streams.suspensions.find((one) => one.camera === camera && one.party === party) ?? null;
  }

  /** Open the camera whose number was typed. */
  async openNumber(): Promise<void> {
    const typed = this.number;
    this.number = "";
    // A number typed while the screen still loads waits for the inventory.
    await this.ready;
    const camera = this.inventory.byNumber(Number(typed));
    if (camera) await this.wall.open(camera);
    else this.wall.refusal = { kind: "unknown", number: typed };
  }

  /** Another agent takes the station by PIN, or the same one anew: pictures and events stay. Returns why not, or null. */
  async relieve(login: string, pin: string): Promise<Problem | null> {
    const answer = await this.api.relieve(login, pin);
    if (!answer.ok) return answer.problem;
    this.session = answer.body;
    this.wall.belongTo(wallKey(answer.body));
    this.notice = { is: "relieved", atMs: this.now(), pictures: null };
    this.followAgain();
    this.steering.reconnect();
    return null;
  }

  /** The event for which a camera would be steered: the one in course, whatever the picture was opened for; the owner's own room needs none. */
  get steeringEvent(): string | null {
    return this.own ? null : this.course.cited();
  }

  /** Ask to steer the selected picture's camera, or give it back; what is refused stands where the eye is. */
  async steer(): Promise<void> {
    const camera = this.wall.selectedTile?.camera;
    if (!camera) return;
    const mine = this.steering.mineOf(camera.id);
    if (mine) this.#refuseSteering(camera, await this.steering.release(mine));
    else if (camera.ptz && (this.steering.offered || !this.own)) this.#refuseSteering(camera, await this.steering.ask(camera.id, this.steeringEvent));
  }

  /** The owner's room takes a camera back: whoever steers it loses it at once. */
  async takeBack(id: string): Promise<void> {
    const camera = this.inventory.byId(id);
    if (!camera) return;
    const problem = await this.steering.ask(id, null);
    this.#refuseSteering(camera, problem);
    // Whoever has taken a camera sees what it turns; nothing is closed for that.
    if (!problem && (this.wall.tileOf(id) || this.wall.hasPlace)) await this.wall.open(camera);
  }

  /** Whether the owner's room can be asked to look at the selected picture's camera: somebody is there to look. */
  get mayAskToLook(): boolean {
    const tile = this.wall.selectedTile;
    if (!this.somebodyLooks || !tile?.running || !tile.camera.ptz) return false;
    return !(this.steering.looks ?? []).some((look) => look.camera === tile.camera.id && goesOn(look));
  }

  /** Whether the owner's room can be asked to look at all. */
  get somebodyLooks(): boolean {
    return !this.own && this.steering.looks !== null && (this.centre?.active ?? true) && this.steeringEvent !== null;
  }

  /** The camera of a look: the one that was named, else the one that turns nearest to the place. */
  cameraOf({ camera, position }: Look): Camera | null {
    if (camera !== null) return this.inventory.byId(camera);
    if (!position) return null;
    const [lon, lat] = position;
    return nearest(this.inventory.cameras.filter(({ ptz }) => ptz), { lon, lat }, 1)[0]?.camera ?? null;
  }

  /** The owner's room looks for a partner: it takes the camera and sees what it turns. */
  async acceptLook(look: Look): Promise<Problem | null> {
    const answer = await this.api.answerLook(look.id, "accepted");
    if (!answer.ok) return answer.problem;
    const camera = this.cameraOf(look);
    if (camera) await this.takeBack(camera.id);
    return null;
  }

  /** The partner has seen what it asked for: the camera is given back. */
  async finishLook(look: Look, state: "declined" | "done"): Promise<Problem | null> {
    const answer = await this.api.answerLook(look.id, state);
    if (!answer.ok) return answer.problem;
    const camera = this.cameraOf(look);
    const mine = camera && this.steering.mineOf(camera.id);
    return mine && look.state === "accepted" ? this.steering.release(mine) : null;
  }

  /** The selected picture's camera stays where a partner left it. */
  async stayAway(): Promise<void> {
    const camera = this.wall.selectedTile?.camera;
    if (!camera || !this.steering.away.some((one) => one.camera === camera.id)) return;
    const answer = await this.api.stayAway(camera.id);
    if (!answer.ok && answer.status !== 404) this.#refuseSteering(camera, answer.problem);
  }

  /** The chief says that a crew is engaged at a camera, or no longer. */
  async declareCrew(camera: Camera, engaged: boolean): Promise<void> {
    const answer = await this.api.declareCrew(camera.id, engaged);
    if (!answer.ok) this.#refuseSteering(camera, answer.problem);
  }

  /** Go on steering the camera in hand for another term. */
  async renewSteering(): Promise<void> {
    const camera = this.wall.selectedTile?.camera;
    if (camera && this.steering.inHand) this.#refuseSteering(camera, await this.steering.ask(camera.id, this.steering.inHand.event));
  }

  /** Leave the camera in hand to the colleague who asks, keep it, or ask for a little more time. */
  async answerColleague(said: "yes" | "no" | "more"): Promise<void> {
    const camera = this.wall.selectedTile?.camera;
    if (camera) this.#refuseSteering(camera, await this.steering.answer(said));
  }

  #refuseSteering(camera: Camera, problem: Problem | null): void {
    if (problem) this.wall.refusal = { kind: "decided", camera, problem, asked: "steer", back: null };
  }

  /** Open an event; what is not given stands where the eye is. */
  async openEvent(kind: EventKind): Promise<void> {
    const problem = await this.course.open(kind, this.ready);
    if (problem) this.wall.refusal = { kind: "other", problem };
  }

  /** Show the selected picture for the other event that is offered. */
  async pour(): Promise<void> {
    const into = this.course.pourInto;
    if (into) await this.wall.pour(into.id);
    else this.notice = { is: "nothingToPour" };
  }

  /** Four or eight places; kept for this station and role, for a person asked for it. */
  changeLayout(): void {
    if (this.wall.changeLayout()) this.keep({ ...this.kept, places: this.wall.places });
    else this.notice = { is: "placesTaken", pictures: this.wall.shown.filter((tile) => !tile.ended).length };
  }

  /** Hang the cameras of a kept layout where a place is free. Nothing is closed for it. */
  async hang(at: number): Promise<void> {
    const named = this.kept.named[at];
    if (!named) return;
    this.wall.show(named.places);
    for (const id of named.cameras) {
      const camera = id === null ? null : this.inventory.byId(id);
      if (!camera || this.wall.tileOf(id ?? "")?.running) continue;
      await this.wall.open(camera);
      if (this.wall.refusal || this.wall.awaitingEvent) return;
    }
  }

  keep(kept: Kept): void {
    this.kept = kept;
    void this.api.keepLayout(kept);
  }

  #tick(): void {
    this.nowMs = this.now();
    const machineMs = performance.now();
    const lostMs = this.#link.lostSince(machineMs);
    const wasLost = this.lostSinceMs !== null;
    this.lostSinceMs = lostMs === null ? null : Math.round(this.nowMs - (machineMs - lostMs));
    if (wasLost && lostMs === null) void this.#catchUp();
    this.wall.refresh(Date.now());
    this.steering.refresh();
    this.#heedCauses();
    this.#seeElsewhere();
    this.#feed.tell(this.#outages.settle(this.nowMs).map((outage) => ({ what: "outage", outage })), this.nowMs);
    this.#feed.settle(this.nowMs);
    this.#showFeed();
    if (this.#listening && machineMs - this.#measuredMs > MEASURE_MS) void this.#measure(machineMs);
  }

  /** Read again what the node tells by its changes alone, which nobody heard while it was out of reach. */
  async #catchUp(): Promise<void> {
    const answer = await this.#cameras();
    if (answer?.ok && !this.#left) this.#takeStates(answer.body.features.map(({ properties: { id, state, cause } }) => ({ id, state, cause })));
  }

  /** A request had no answer: ask what runs until the node tells, and for as long as something may still come of it. */
  async #askAfter(): Promise<void> {
    if (this.#askingAfter) return;
    this.#askingAfter = true;
    while (this.wall.asksAfter && !this.#left) {
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
      const answer = await this.api.streams();
      if (answer.ok && !this.#left) this.wall.compare(this.#mineHere(answer.body.items));
    }
    this.#askingAfter = false;
  }

  /** The agent's own viewings at this station. */
  #mineHere(items: readonly Viewing[]): Viewing[] {
    return items.filter((item) => item.mine && item.station === this.session.station.id);
  }

  /** Time the way to the node and back by a small question, whose answer says when the session ends. */
  async #measure(machineMs: number): Promise<void> {
    this.#measuredMs = machineMs;
    const { pseudonym } = this.session.agent;
    const answer = await this.api.session();
    if (!answer.ok || this.#left) return;
    this.latencyMs = Math.max(1, Math.round(performance.now() - machineMs));
    // A relief may have come between the question and its answer.
    if (answer.body.agent.pseudonym === pseudonym && this.session.agent.pseudonym === pseudonym) this.session = answer.body;
  }

  #heedCauses(): void {
    const { party } = this.session.agent;
    const withdrawn = this.convention?.authorisation_withdrawn ?? false;
    const slotsFull = this.slots ? this.slots.used >= this.slots.total : false;
    for (const tile of this.wall.shown)
      if (tile.ended) {
        const suspension = this.suspensionOf(tile.camera.id, party);
        tile.suspension = suspension ?? tile.suspension;
        tile.heed(causeStands(tile.ended.cause, { suspended: suspension !== null, withdrawn, slotsFull }), this.nowMs);
      }
  }

  #seeElsewhere(): void {
    const here = new Set(this.wall.shown.filter((tile) => !tile.ended).map((tile) => tile.camera.id));
    const unseen = this.streams.items.filter((item) => item.mine && !here.has(item.camera) && !this.wall.isUnanswered(item));
    const seen = this.#elsewhere.take(unseen, this.nowMs);
    if (seen.map(({ id }) => id).join() !== this.elsewhere.map(({ id }) => id).join()) this.elsewhere = seen;
  }

  #takeStreams(streams: Streams): void {
    this.streams = { ...streams, suspensions: streams.suspensions ?? [], slots: streams.slots ?? [] };
    this.wall.compare(this.#mineHere(this.streams.items));
    this.#feed.streams(this.streams, this.now());
    this.#showFeed();
    this.#known.streams = true;
    if (this.notice?.is === "relieved" && this.notice.pictures === null && this.#known.streams)
      this.notice = { ...this.notice, pictures: this.#mineHere(this.streams.items).length };
  }

  #takeSteering(told: SteeringTold): void {
    const before = this.#toldSteering;
    this.#toldSteering = told;
    this.steering.take(told);
    if (before)
      this.#feed.tell(
        [...steeringHappenings(before.leases.items, told.leases.items), ...lookHappenings(before.looks?.items ?? [], told.looks?.items ?? [])],
        this.now(),
      );
    this.#showFeed();
  }

  #takeEnd(ended: Ended | EndedInShort): void {
    if ("title" in ended) this.wall.ended(speakingEnd(ended, () => speech.language));
    else this.#feed.ended(ended);
  }

  #takeEvents(items: readonly OperationalEvent[]): void {
    const before = this.course.listed;
    this.course.listed = items;
    if (this.#known.events) this.#feed.tell(eventHappenings(before, items), this.now());
    this.#known.events = true;
    this.#showFeed();
  }

  /** What is told of the owner's room may also be a convention's replacement or withdrawal. */
  #takeCentre(centre: Centre): void {
    this.#feed.tell(centreHappenings(this.centre, centre), this.now());
    this.#showFeed();
    this.centre = centre;
    void this.api.convention().then((answer) => {
      if (!answer.ok) return;
      if (this.convention?.sha256 !== answer.body.sha256) void this.#learnNames();
      this.convention = answer.body;
    });
  }

  /** Another text may call the parties otherwise. */
  async #learnNames(): Promise<void> {
    const answer = await this.api.node();
    if (answer.ok) speech.learn(answer.body);
  }

  #takeStates(items: readonly ToldCamera[]): void {
    const states = new Map(this.states);
    const causes = new Map(this.causes);
    for (const { id, state, cause } of items) {
      states.set(id, state);
      if (cause) causes.set(id, cause);
      else causes.delete(id);
      this.#outages.hear(id, state, this.now(), cause);
    }
    this.states = states;
    this.causes = causes;
  }

  #showFeed(): void {
    if (this.feed !== this.#feed.lines) this.feed = this.#feed.lines;
  }
}
