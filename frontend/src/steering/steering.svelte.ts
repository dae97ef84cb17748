/**
 * Who steers, as the node tells it, and this window's own hand: what is asked for, held, turned and over. Nothing is decided
 * here: whether one may steer is the node's answer, each time.
 */
import type { Answer, Api } from "../api/client";
import type { Authorisation, AwayCamera, CameraPosition, Lease, Look, Notice, Problem, Steerable, SteeringAlarm, SteeringTold, TakenLease, Velocity } from "../api/types";
import { Joystick, type Pad } from "./joystick";
import { Lateness } from "./lateness";
import { HeldKeys, RepeatClock, type Said, type Turn } from "./motion";
import type { PicturePlace } from "./pointing";
import { disputes, READ_MS, type Dispute } from "./requests";
import { ribbonOf, type Ribbon, type SteeringOver } from "./ribbon";
import { MovementSender } from "./sender";
import { SteeringSocket, type Socket } from "./socket";

/** How often what the hand asks for is read. */
const HAND_MS = 45;
/** What the node gave and its list does not name by then is over. */
const LISTED_WITHIN_MS = 2_500;

export interface HandAround {
  nowMs(): number;
  /** One's own party, service and pseudonym. */
  who(): { party: string; service: string | null; pseudonym: string };
  /** The camera of the picture in hand, or null: only that one is turned. */
  camera(): string | null;
  /** Whether one's own room asks others to look: it reads on its pictures what became of that. */
  asksLooks(): boolean;
  /** The pads that are plugged in; none while nobody sees the picture. */
  pads(): readonly (Pad | null)[];
  /** Open the socket under a right to steer. */
  socket(lease: string): Socket;
}

interface Fresh {
  lease: Lease;
  givenMs: number;
}

export class Steering {
  /** What one's own room is told of who steers and asks. */
  leases = $state.raw<readonly Lease[]>([]);
  authorisations = $state.raw<readonly Authorisation[]>([]);
  /** Cameras at which a crew of the owner's is engaged. */
  crews = $state.raw<ReadonlySet<string>>(new Set());
  /** What the owner's room is asked to look at; null at a node that knows no looks. */
  looks = $state.raw<readonly Look[] | null>(null);
  /** Cameras that go back to their rest position by themselves. */
  away = $state.raw<readonly AwayCamera[]>([]);
  /** Cameras that may still turn although they were stopped: the owner's room sees to them. */
  alarms = $state.raw<readonly SteeringAlarm[]>([]);
  /** Where the cameras look that somebody steers; the others are not known to have moved. */
  positions = $state.raw<ReadonlyMap<string, CameraPosition>>(new Map());
  /** What is owed between the parties for steering. */
  notices = $state.raw<readonly Notice[]>([]);
  /** What is owed for steering that one took from here, by its lease. */
  owed = $state.raw<ReadonlyMap<string, TakenLease>>(new Map());
  /** Why one no longer steers, by camera. */
  over = $state.raw<ReadonlyMap<string, SteeringOver>>(new Map());
  /** Whether the node steers the camera of the picture in hand at all. */
  offered = $state(false);
  /** The camera turns too late after the hand: points and presets alone. */
  slow = $state(false);

  /** The one that one holds of the picture in hand: keys and mouse turn it. */
  inHand: Lease | null = $derived.by(() => {
    const camera = this.#around.camera();
    return camera === null ? null : (this.leases.find((lease) => lease.mine && lease.state === "held" && lease.camera === camera) ?? null);
  });
  /** What the camera in hand can be told; null while it has not said. */
  can: Steerable | null = $derived.by(() => (this.inHand ? (this.#steerable.get(this.inHand.id) ?? null) : null));
  /** Who of one's own asks for the camera that one turns. */
  colleague: Lease | null = $derived.by(() => {
    const ribbon = this.inHand ? this.ribbon(this.inHand.camera, 0) : null;
    return ribbon?.is === "mine" ? ribbon.colleague : null;
  });

  /** Cameras of one's own service for which two others ask each other. */
  disputes: readonly Dispute[] = $derived.by(() => disputes(this.leases, this.authorisations, this.#around.who()));

  #steerable = $state.raw<ReadonlyMap<string, Steerable>>(new Map());
  #api: Api;
  #around: HandAround;
  #told: readonly Lease[] = [];
  #fresh = new Map<string, Fresh>();
  /** Given back from here: no word is needed on why. */
  #released = new Set<string>();
  #askedAtMs = new Map<string, number>();
  #keys = new HeldKeys();
  #joystick = new Joystick();
  #clock = new RepeatClock();
  #sender: MovementSender;
  #sockets = new Map<string, SteeringSocket>();
  #lateness = new Lateness();
  #closeness = new Map<string, number>();
  #hand: ReturnType<typeof setInterval> | undefined;
  #turning: string | null = null;

  constructor(api: Api, around: HandAround) {
    this.#api = api;
    this.#around = around;
    this.#sender = new MovementSender({ move: api.movePtz, stop: api.stopPtz }, (lease, answer) => this.#refusedTo(lease, answer));
  }

  ribbon(camera: string, nowMs: number): Ribbon {
    return ribbonOf(camera, { leases: this.leases, authorisations: this.authorisations, over: this.over.get(camera) ?? null, looks: this.#around.asksLooks() ? (this.looks ?? []) : [], away: this.away, askedAtMs: (id) => this.#askedAtMs.get(id) ?? null }, nowMs);
  }

  /** One's own, held or asked for, of a camera. */
  mineOf(camera: string): Lease | null {
    return this.leases.find((lease) => lease.mine && lease.camera === camera) ?? null;
  }

  take(told: SteeringTold): void {
    const before = this.leases;
    this.#told = told.leases.items;
    this.authorisations = told.authorisations.items;
    this.looks = told.looks?.items ?? null;
    this.away = told.leases.away;
    this.alarms = told.leases.alarms;
    this.notices = told.notices?.items ?? [];
    if (told.leases.crews.join() !== [...this.crews].join()) this.crews = new Set(told.leases.crews);
    for (const { id } of this.#told) this.#fresh.delete(id);
    this.#merge(before);
  }

  takePositions(told: readonly CameraPosition[]): void {
    if (told.length || this.positions.size) this.positions = new Map(told.map((position) => [position.camera, position]));
  }

  /** Ask for a camera; a problem where it is not given. */
  async ask(camera: string, event: string | null): Promise<Problem | null> {
    const before = this.leases;
    const answer = await this.#api.steer(camera, event);
    if (!answer.ok) return answer.problem;
    this.over = new Map([...this.over].filter(([of]) => of !== camera));
    this.owed = new Map(this.owed).set(answer.body.id, answer.body);
    const known = this.#told.find(({ id }) => id === answer.body.id);
    if (!known || known.state !== answer.body.state) {
      const { party, service, pseudonym } = this.#around.who();
      const { id, state, until } = answer.body;
      const since = state === "held" ? new Date(this.#around.nowMs()).toISOString() : null;
      const lease: Lease = { id, camera, party, service: service ?? "", agent: pseudonym, event, state, since, until, mine: true };
      this.#fresh.set(id, { lease, givenMs: this.#around.nowMs() });
    }
    this.#merge(before);
    return null;
  }

  /** Give a camera back, or ask for it no longer. */
  async release(lease: Lease): Promise<Problem | null> {
    this.stopTurning();
    this.#released.add(lease.id);
    const answer = await this.#api.releasePtz(lease.id);
    // What was over already is no problem of whoever gives it back.
    if (!answer.ok && answer.status !== 409 && answer.status !== 404) {
      this.#released.delete(lease.id);
      return answer.problem;
    }
    const before = this.leases;
    this.#fresh.delete(lease.id);
    this.#told = this.#told.filter(({ id }) => id !== lease.id);
    this.#merge(before);
    return null;
  }

  /** Answer the colleague who asks for the camera in hand. */
  async answer(said: "yes" | "no" | "more"): Promise<Problem | null> {
    const { colleague } = this;
    if (!colleague) return null;
    const answer = await this.#api.answerColleague(colleague.id, said);
    return answer.ok ? null : answer.problem;
  }

  /** Whoever asked first, of those that a supervisor may assign, has the camera; or whoever steers keeps it. */
  async assign(to: "asker" | "holder", asked?: string): Promise<Problem | null> {
    const nowMs = this.#around.nowMs();
    // One that has stood for less than it takes to read it is answered by no key.
    const isRead = ({ asker }: Dispute) => nowMs - (this.#askedAtMs.get(asker.id) ?? nowMs) >= READ_MS;
    const dispute = asked === undefined ? this.disputes.find(isRead) : this.disputes.find(({ asker }) => asker.id === asked);
    if (!dispute) return null;
    const answer = await this.#api.answerColleague(dispute.asker.id, to === "asker" ? "yes" : "no");
    return answer.ok ? null : answer.problem;
  }

  /** A key that turns went down. */
  press(turn: Turn): void {
    if (!this.inHand) return;
    this.#keys.press(turn, performance.now());
    this.#turn();
  }

  lift(turn: Turn): void {
    this.#keys.release(turn);
    this.#turn();
  }

  /** Nobody's hand is on the keys any more: the window is left, hidden, or another picture is in hand. */
  stopTurning(): void {
    this.#keys.releaseAll();
    this.#turn();
  }

  /** Send the camera in hand to its nth preset, the first by 1; nothing where it has none. */
  async goToPreset(nth: number): Promise<void> {
    const preset = this.can?.presets[nth - 1];
    if (preset) await this.goTo({ preset: preset.token });
  }

  /** Have the camera in hand look somewhere. */
  async goTo(place: PicturePlace | { preset: string }): Promise<void> {
    const lease = this.inHand;
    if (!lease) return;
    this.#clock.forget();
    if ("zoom" in place && place.zoom !== undefined) this.#closeness.set(lease.camera, place.zoom);
    const answer = await this.#api.goToPtz(lease.id, place);
    if (!answer.ok) this.#refusedTo(lease.id, answer);
  }

  /** How close the camera in hand was last sent by a frame on its picture. */
  get closeness(): number {
    return this.inHand ? (this.#closeness.get(this.inHand.camera) ?? 0) : 0;
  }

  /** Called several times a second: what the node gave and does not list is over, and a picture put away is turned no more. */
  refresh(): void {
    const nowMs = this.#around.nowMs();
    if ([...this.#fresh.values()].some(({ givenMs }) => nowMs - givenMs > LISTED_WITHIN_MS)) this.#merge(this.leases);
    if (this.#turning !== null && this.inHand?.id !== this.#turning) this.#turn();
    // A stick tells nothing by itself: it is read, more often once it is out of its rest.
    if (this.inHand && this.#hand === undefined && this.#around.pads().length) this.#turn();
    this.slow = this.#lateness.slow(performance.now());
  }

  /** The station changed hands, and what is steered with it: sockets of the former session are closed. */
  reconnect(): void {
    this.stopTurning();
    for (const socket of this.#sockets.values()) socket.close();
    this.#sockets.clear();
    this.#connect();
  }

  leave(): void {
    this.stopTurning();
    clearInterval(this.#hand);
    this.#hand = undefined;
    for (const socket of this.#sockets.values()) socket.close();
    this.#sockets.clear();
  }

  #velocity(): Velocity | null {
    return this.#keys.velocity(performance.now()) ?? this.#joystick.read(this.#around.pads());
  }

  /** Say what the hand asks for, and go on saying it while it does. */
  #turn(): void {
    const lease = this.inHand;
    // Another picture came in hand: what turned before is stopped, and the keys that are still down turn nothing.
    if (this.#turning !== null && lease?.id !== this.#turning) {
      this.#keys.releaseAll();
      const said = this.#clock.take(null, performance.now());
      if (said && this.leases.some(({ id, mine }) => mine && id === this.#turning)) this.#say(this.#turning, said);
      this.#turning = null;
    }
    const wanted = lease && !this.slow ? this.#velocity() : null;
    const said = lease ? this.#clock.take(wanted, performance.now()) : null;
    if (lease && said) {
      this.#turning = said.say === "move" ? lease.id : null;
      if (said.say === "move" && said.velocity.zoom !== 0) this.#closeness.delete(lease.camera);
      this.#say(lease.id, said);
    }
    if (wanted) this.#hand ??= setInterval(() => this.#turn(), HAND_MS);
    else {
      clearInterval(this.#hand);
      this.#hand = undefined;
    }
  }

  #say(lease: string, said: Said): void {
    if (!this.#sockets.get(lease)?.say(said)) this.#sender.say(lease, said);
  }

  /** A socket stands under each right that is held from here, as a sign too that somebody is there. */
  #connect(): void {
    const held = new Set(this.leases.filter(({ mine, state }) => mine && state === "held").map(({ id }) => id));
    for (const [id, socket] of this.#sockets)
      if (!held.has(id)) {
        socket.close();
        this.#sockets.delete(id);
      }
    for (const id of held) {
      if (this.#sockets.has(id)) continue;
      const heard = { handed: (lateMs: number) => this.#lateness.take(lateMs, performance.now()), over: () => void this.#askWhy(id) };
      void this.#learn(id);
      // Until it stands, movements go over HTTP.
      this.#sockets.set(id, new SteeringSocket(() => this.#around.socket(id), heard));
    }
  }

  /** Ask what the camera can be told; one that is silent is taken for able to do all. */
  async #learn(id: string): Promise<void> {
    const answer = await this.#api.steerable(id);
    if (answer.ok) this.#steerable = new Map(this.#steerable).set(id, answer.body);
  }

  async #askWhy(id: string): Promise<void> {
    const answer = await this.#api.stopPtz(id);
    if (!answer.ok) this.#refusedTo(id, answer);
  }

  #merge(before: readonly Lease[]): void {
    const nowMs = this.#around.nowMs();
    for (const [id, { givenMs }] of this.#fresh) if (nowMs - givenMs > LISTED_WITHIN_MS) this.#fresh.delete(id);
    const fresh = [...this.#fresh.values()].map(({ lease }) => lease);
    this.leases = [...this.#told.filter(({ id }) => !this.#fresh.has(id)), ...fresh];
    for (const { id, state } of this.leases) if (state === "asked" && !this.#askedAtMs.has(id)) this.#askedAtMs.set(id, nowMs);
    this.#connect();
    for (const lease of before) if (lease.mine && !this.leases.some(({ id }) => id === lease.id)) this.#gone(lease);
  }

  /** One's own is no more in the list: the node says why, unless it was given back from here. */
  #gone(lease: Lease): void {
    this.#forget(lease.id);
    if (this.#released.delete(lease.id)) return;
    void this.#api.stopPtz(lease.id).then((answer) => {
      if (!answer.ok && answer.status === 409) this.#tellOver(lease, answer.problem);
    });
  }

  #forget(lease: string): void {
    this.#steerable = new Map([...this.#steerable].filter(([id]) => id !== lease));
    this.#askedAtMs.delete(lease);
    this.owed = new Map([...this.owed].filter(([id]) => id !== lease));
  }

  #refusedTo(id: string, answer: Answer<null>): void {
    const lease = this.leases.find((one) => one.id === id);
    if (answer.ok || answer.status !== 409 || !lease || lease.state === "asked") return;
    const before = this.leases.filter((one) => one.id !== id);
    this.#fresh.delete(id);
    this.#told = this.#told.filter((one) => one.id !== id);
    this.#forget(id);
    this.#tellOver(lease, answer.problem);
    this.#merge(before);
  }

  #tellOver(lease: Lease, problem: Problem): void {
    // Whoever steers or asks again already is not told of the former end.
    const now = this.mineOf(lease.camera);
    if (now && now.id !== lease.id) return;
    const over: SteeringOver = { camera: lease.camera, wasAsked: lease.state === "asked", problem, atMs: this.#around.nowMs() };
    this.over = new Map(this.over).set(lease.camera, over);
  }
}
