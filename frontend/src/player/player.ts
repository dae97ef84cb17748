/**
 * One tile's pictures: socket, decoder, age. It owns the connection and its re-making, and asks the node for each
 * ticket; it never decides whether a picture may be seen.
 */
import type { Answer } from "../api/client";
import type { OpenedStream, Problem } from "../api/types";
import type { ClockOffset } from "./age";
import { isInitialisation, readChunk, readTrack, type Track } from "./boxes";
import { Choice, Machine } from "./choice";
import { afterClosing, readClosing, waitMs, type Closing, type Next } from "./closing";
import type { Description, Engine, EngineKind, EngineListener, PlacedChunk, Stage } from "./engine";
import { MseEngine } from "./mse";
import { readEntry } from "./primer";
import { stillsMayWork, StillsEngine } from "./stills";
import { Timeline } from "./timeline";
import { webCodecsMayWork, WebCodecsEngine } from "./webcodecs";

/** A page hidden for longer gives its decoders and streams back. */
const HIDDEN_MS_MAX = 10_000;
/** Bytes kept since the last key frame, for the next engine to start from if the first one fails: what the relay keeps. */
const KEPT_BYTES_MAX = 16 * 1024 * 1024;

export interface PlayerListener {
  /** A viewing runs under this id (the same, or a new one after a cut). */
  opened(opened: OpenedStream): void;
  /** The relay closed for good, with a code's cause. */
  ended(closing: Closing): void;
  /** The node was asked again and refused. */
  refused(problem: Problem): void;
  /** The node was asked again and answered, when nobody waited for the picture any more. */
  unwanted(opened: OpenedStream): void;
}

/** How long a tile waits before it tries its engines again, where each failed a codec that this machine shows. */
const RECOVER_MS = 10_000;

const ROUNDING_US = 2_000;

const machine = new Machine();

function mayWork(kind: EngineKind): boolean {
  switch (kind) {
    case "webcodecs":
      return webCodecsMayWork();
    case "mse":
      return "MediaSource" in window;
    case "stills":
      return stillsMayWork();
  }
}

function made(kind: EngineKind, stage: Stage, listener: EngineListener): Engine {
  switch (kind) {
    case "webcodecs":
      return new WebCodecsEngine(stage, listener);
    case "mse":
      return new MseEngine(stage, listener);
    case "stills":
      return new StillsEngine(stage, listener);
  }
}

type Message =
  | (Description & { camera: string; viewing: string })
  | { gap: number }
  | { clock: number; origin_offset_us: number }
  | { source: "lost" | "back"; cause?: string }
  | { first_picture_in_ms: number };

export class Player {
  source: "ok" | "lost" = "ok";
  /** Why the source is lost, a code of the node's. */
  cause: string | null = null;
  engineKind: EngineKind | null = null;
  /** No engine of this browser decodes this codec. */
  undecodable: string | null = null;
  connected = false;
  /** The relay was tried more than once without a picture. */
  get retrying(): boolean {
    return this.#attempt > 1 && !this.connected;
  }

  gaps = 0;
  firstPictureAtMs: number | null = null;

  #stage: Stage;
  #ask: () => Promise<Answer<OpenedStream>>;
  #pictureClock: ClockOffset;
  #listener: PlayerListener;

  #socket: WebSocket | null = null;
  #engine: Engine | null = null;
  #description: Description | null = null;
  #track: Track | null = null;
  #initialisation: Uint8Array | null = null;
  #timeline = new Timeline();
  #kept: PlacedChunk[] = [];
  /** Of `#kept`; null while a longer group of pictures runs, of which nothing is kept. */
  #keptBytes: number | null = null;
  #choice = new Choice(machine, mayWork);
  /** When the first picture of the newest description is shown. */
  #describedFromUs: number | null = null;
  #recovery: ReturnType<typeof setTimeout> | undefined;
  /** When the first picture is due, by `performance.now`; null where nothing says so. */
  #firstPictureDueMs: number | null = null;
  #originOffsetMs = 0;
  #shownCapturedMs: number | null = null;
  #attempt = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #hiddenTimer: ReturnType<typeof setTimeout> | undefined;
  #stopped = false;

  constructor(stage: Stage, ask: () => Promise<Answer<OpenedStream>>, pictureClock: ClockOffset, listener: PlayerListener) {
    this.#stage = stage;
    this.#ask = ask;
    this.#pictureClock = pictureClock;
    this.#listener = listener;
    document.addEventListener("visibilitychange", this.#visibility);
  }

  /** The picture's own size in pixels, as the relay describes it. */
  get size(): { width: number; height: number } | null {
    return this.#description;
  }

  /** Return the age of the picture on the screen, in milliseconds, or null before the first. */
  ageMs(nowMs: number): number | null {
    if (this.#shownCapturedMs === null) return null;
    return Math.max(0, nowMs + this.#pictureClock.ms - (this.#shownCapturedMs + this.#originOffsetMs));
  }

  /** In how many seconds a picture is due that nothing can be shown before; null where none is, or it is late. */
  firstPictureInS(): number | null {
    const leftMs = (this.#firstPictureDueMs ?? 0) - performance.now();
    return leftMs > 0 ? Math.ceil(leftMs / 1000) : null;
  }

  start(opened: OpenedStream): void {
    if (!this.#stopped) this.#connect(opened.media_url);
  }

  stop(): void {
    this.#stopped = true;
    document.removeEventListener("visibilitychange", this.#visibility);
    clearTimeout(this.#timer);
    clearTimeout(this.#hiddenTimer);
    this.#hangUp();
    this.#drop();
  }

  #connect(url: string): void {
    // A page that nobody sees takes no stream: it asks anew once it is seen.
    if (document.hidden) return;
    const socket = new WebSocket(url);
    socket.binaryType = "arraybuffer";
    this.#socket = socket;
    socket.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) => {
      try {
        if (typeof data === "string") this.#told(JSON.parse(data) as Message);
        else this.#received(new Uint8Array(data));
      } catch (error) {
        console.warn("media message not understood", error);
      }
    };
    socket.onclose = ({ code, reason }) => {
      if (this.#socket !== socket) return;
      this.#socket = null;
      this.connected = false;
      if (this.#stopped) return;
      const closing = readClosing(code, reason);
      const next = afterClosing(code, closing.cause);
      if (next === "ended") {
        this.#drop();
        this.#listener.ended(closing);
        return;
      }
      if (next === "later") this.source = "lost";
      this.#again(next);
    };
  }

  #hangUp(): void {
    const socket = this.#socket;
    this.#socket = null;
    this.connected = false;
    socket?.close(1000);
  }

  #again(next: Next): void {
    clearTimeout(this.#timer);
    if (document.hidden) return;
    this.#timer = setTimeout(() => void this.#askAgain(next), waitMs(this.#attempt, next));
    this.#attempt += 1;
  }

  async #askAgain(next: Next): Promise<void> {
    const answer = await this.#ask();
    if (this.#stopped) {
      if (answer.ok) this.#listener.unwanted(answer.body);
      return;
    }
    if (answer.ok) {
      this.#listener.opened(answer.body);
      this.#connect(answer.body.media_url);
    } else if (answer.status === 0 || answer.status === 429 || answer.status >= 500) this.#again(next);
    else {
      this.#drop();
      this.#listener.refused(answer.problem);
    }
  }

  #visibility = (): void => {
    clearTimeout(this.#hiddenTimer);
    if (document.hidden) {
      this.#hiddenTimer = setTimeout(() => {
        this.#hangUp();
        this.#drop();
      }, HIDDEN_MS_MAX);
    } else if (!this.#socket && !this.#stopped) {
      this.#attempt = 0;
      this.#again("again");
    }
  };

  #told(message: Message): void {
    if ("codec" in message) this.#description = message;
    else if ("clock" in message) {
      this.#pictureClock.take(message.clock / 1000, Date.now());
      this.#originOffsetMs = message.origin_offset_us / 1000;
    } else if ("source" in message) {
      this.source = message.source === "lost" ? "lost" : "ok";
      this.cause = (this.source === "lost" && message.cause) || null;
    }
    else if ("gap" in message) this.gaps += 1;
    else if ("first_picture_in_ms" in message) this.#firstPictureDueMs = performance.now() + message.first_picture_in_ms;
  }

  #received(bytes: Uint8Array): void {
    if (isInitialisation(bytes)) {
      this.#track = readTrack(bytes);
      this.#initialisation = bytes;
      this.#kept = [];
      this.#keptBytes = null;
      this.#describedFromUs = null;
      this.#describe();
      return;
    }
    if (!this.#track) return;
    const chunk = readChunk(bytes, this.#track);
    const timeUs = this.#timeline.place(chunk, this.#track.timescale);
    const placed: PlacedChunk = {
      ...chunk,
      timeUs,
      decodeUs: Math.round((chunk.decodeTime / this.#track.timescale) * 1e6),
      durationUs: Math.round((chunk.duration / this.#track.timescale) * 1e6),
      baseUs: this.#timeline.baseUs,
    };
    this.connected = true;
    this.source = "ok";
    this.#attempt = 0;
    this.#firstPictureDueMs = null;
    this.#describedFromUs ??= timeUs;
    this.#keep(placed);
    if (this.#engine) this.#push(this.#engine, placed);
  }

  #push(engine: Engine, chunk: PlacedChunk): void {
    try {
      engine.push(chunk);
    } catch (error) {
      this.#failed(engine, String(error));
    }
  }

  /** Another description came: the engine goes on with it, where it is the one for its codec. */
  #describe(): void {
    const engine = this.#engine;
    if (!engine) {
      this.#choice.forgive();
      this.#nextEngine();
    } else if (this.#description && this.#choice.of(this.#description.codec) === engine.kind) this.#begin(engine);
    else {
      this.#drop();
      this.#nextEngine();
    }
  }

  #begin(engine: Engine): void {
    if (!this.#description || !this.#track || !this.#initialisation) return;
    try {
      engine.describe(this.#description, this.#track, this.#initialisation);
    } catch (error) {
      this.#failed(engine, String(error));
    }
  }

  #failed(engine: Engine, why: string): void {
    if (this.#engine !== engine) return;
    console.warn(`${engine.kind} failed ${this.#description?.codec ?? ""}: ${why}`);
    // Browsers begin H.264 at an IDR: a camera that codes none fails where every other one plays.
    const begins = this.#kept[0];
    const odd = begins !== undefined && this.#description?.codec.startsWith("avc") === true && !readEntry(begins.payload).idr;
    this.#choice.failed(engine.kind, performance.now(), odd);
    this.#drop();
    this.#nextEngine();
  }

  #keep(chunk: PlacedChunk): void {
    if (chunk.key) {
      this.#kept = [];
      this.#keptBytes = 0;
    }
    if (this.#keptBytes === null) return;
    this.#keptBytes += chunk.bytes.byteLength;
    if (this.#keptBytes <= KEPT_BYTES_MAX) this.#kept.push(chunk);
    else {
      this.#kept = [];
      this.#keptBytes = null;
    }
  }

  /** Take the best engine that has not failed this codec here, and start it from the kept pictures. */
  #nextEngine(): void {
    clearTimeout(this.#recovery);
    const description = this.#description;
    if (this.#stopped || !description || !this.#initialisation) return;
    const kind = this.#choice.of(description.codec);
    this.undecodable = kind === null && !this.#choice.mayRecover ? description.codec : null;
    this.engineKind = kind;
    if (kind === null) {
      if (this.#choice.mayRecover) this.#recovery = setTimeout(() => this.#recover(), RECOVER_MS);
      return;
    }
    const engine: Engine = made(kind, this.#stage, {
      presented: (timeUs) => this.#presented(timeUs),
      failed: (why) => this.#failed(engine, why),
    });
    this.#engine = engine;
    this.#begin(engine);
    for (const chunk of this.#kept) {
      // It may fail at any of them; the next one has begun by then.
      if (this.#engine !== engine) return;
      this.#push(engine, chunk);
    }
  }

  #recover(): void {
    this.#choice.forgive();
    this.#nextEngine();
  }

  #presented(timeUs: number): void {
    const captured = this.#timeline.capturedAt(timeUs);
    if (captured === null) return;
    this.#shownCapturedMs = captured;
    this.firstPictureAtMs ??= performance.now();
    // One of the former description may still be on its way to the screen.
    if (this.engineKind && this.#describedFromUs !== null && timeUs >= this.#describedFromUs - ROUNDING_US)
      this.#choice.shown(this.engineKind);
  }

  #drop(): void {
    clearTimeout(this.#recovery);
    this.#engine?.close();
    this.#engine = null;
  }
}
