/** Calls to the node. A refusal is a value here too: every answer is `ok` with a body, or not, with a problem in words. */
import { speakingDecision, speakingProblem } from "./spoken";
import type {
  Agenda,
  CameraCollection,
  Centre,
  ConventionInForce,
  Decision,
  EventKind,
  GroundCollection,
  JournalRecord,
  Language,
  OpenedStream,
  OperationalEvent,
  Problem,
  RegisteredStation,
  Session,
  Station,
  Streams,
  SuspensionGround,
  WhatIf,
} from "./types";

export type Answer<T> = { ok: true; body: T } | { ok: false; status: number; problem: Problem };

type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

/** What to say when no answer came, none in time, or one that is not ours. */
export interface Silence {
  unreachable: string;
  late: string;
  unreadable: string;
}

/** An operator waits no longer than this for an answer. */
const ANSWER_MS_MAX = 5_000;
/** What is long to make or to carry may take longer. */
const LONG_ANSWER_MS_MAX = 30_000;

export class Api {
  #language: () => Language;
  #silence: Record<Language, Silence>;
  #signedOut: () => void = () => undefined;

  constructor(language: () => Language, silence: Record<Language, Silence>) {
    this.#language = language;
    this.#silence = silence;
  }

  /** Call `told` whenever an answer says that nobody is signed in here any more. */
  whenSignedOut(told: () => void): void {
    this.#signedOut = told;
  }

  login = (login: string, password: string, station: string) =>
    this.#call<Session>("POST", "/login", { login, password, station }, LONG_ANSWER_MS_MAX);
  logout = () => this.#call<null>("POST", "/logout");
  session = () => this.#call<Session>("GET", "/session");
  cameras = () => this.#call<CameraCollection>("GET", "/cameras", undefined, LONG_ANSWER_MS_MAX);
  ground = () => this.#call<GroundCollection>("GET", "/ground", undefined, LONG_ANSWER_MS_MAX);
  events = () => this.#call<{ items: OperationalEvent[] }>("GET", "/events");
  openEvent = (kind: EventKind) => this.#call<OperationalEvent>("POST", "/events", { kind });
  amendEvent = (id: string, change: { motive?: string; dispatch_number?: string; state?: "closed" }) =>
    this.#call<OperationalEvent>("PATCH", `/events/${encodeURIComponent(id)}`, change);
  streams = () => this.#call<Streams>("GET", "/streams");
  openStream = (camera: string, event: string | null) =>
    this.#call<OpenedStream>("POST", "/streams", { camera, event });
  closeStream = (id: string) => this.#call<null>("DELETE", `/streams/${encodeURIComponent(id)}`);
  suspend = (id: string, ground: SuspensionGround, reason: string) =>
    this.#call<unknown>("POST", `/streams/${encodeURIComponent(id)}/suspension`, { ground, reason });
  lift = (id: string) => this.#call<null>("DELETE", `/streams/${encodeURIComponent(id)}/suspension`);
  /** What opening a camera would be answered now. Nothing is recorded. */
  preview = (camera: string, event: string | null) => this.#foresee("view", camera, event);
  /** What steering a camera would be answered now. Nothing is recorded. */
  previewSteering = (camera: string, event: string | null) => this.#foresee("take_ptz", camera, event);
  steer = (camera: string, event: string | null) => this.#call<unknown>("POST", "/ptz/leases", { camera, event });
  centre = () => this.#call<Centre>("GET", "/centre");
  declareActivity = (inactive: boolean, reason: string) =>
    this.#call<null>("POST", "/centre/activity", { inactive, reason });
  varyHours = (day: string, open: string, close: string, reason: string) =>
    this.#call<unknown>("PUT", `/centre/hours/${encodeURIComponent(day)}`, { open, close, reason });
  usualHours = (day: string) => this.#call<null>("DELETE", `/centre/hours/${encodeURIComponent(day)}`);
  confirmOrder = (camera: string, act: string) =>
    this.#call<null>("POST", `/cameras/${encodeURIComponent(camera)}/order-confirmation`, { act });
  recordWithdrawal = (withdrawn: boolean, act: string) =>
    this.#call<null>("POST", "/convention/withdrawal", { withdrawn, act });
  agenda = () => this.#call<Agenda>("GET", "/convention/agenda");
  whatIf = (request: object) => this.#call<WhatIf>("POST", "/convention/what-if", request);
  relieve = (login: string, pin: string) => this.#call<Session>("POST", "/session/relief", { login, pin }, LONG_ANSWER_MS_MAX);
  stations = () => this.#call<{ items: Station[] }>("GET", "/stations");
  registerStation = (label: string) => this.#call<RegisteredStation>("POST", "/stations", { label });
  endStation = (id: string) => this.#call<null>("DELETE", `/stations/${encodeURIComponent(id)}`);
  layout = () => this.#call<Record<string, unknown>>("GET", "/layout");
  keepLayout = (layout: object) => this.#call<null>("PUT", "/layout", layout);
  convention = () => this.#call<ConventionInForce>("GET", "/convention");
  journal = (query: { camera: string; from: string; to: string }) => {
    const asked = new URLSearchParams(Object.entries(query).filter(([, value]) => value !== ""));
    return this.#call<{ items: JournalRecord[] }>("GET", `/journal?${asked}`, undefined, LONG_ANSWER_MS_MAX);
  };

  async #foresee(action: "view" | "take_ptz", camera: string, event: string | null): Promise<Answer<Decision>> {
    const answer = await this.#call<Decision>("POST", "/preview", { action, camera, event, purpose: null });
    return answer.ok ? { ok: true, body: speakingDecision(answer.body, this.#language) } : answer;
  }

  async #call<T>(method: Method, path: string, body?: unknown, withinMs = ANSWER_MS_MAX): Promise<Answer<T>> {
    let response: Response;
    let said: unknown;
    try {
      response = await fetch(`/api/v1${path}`, {
        method,
        signal: AbortSignal.timeout(withinMs),
        headers: {
          "Accept-Language": this.#language(),
          ...(body === undefined ? {} : { "Content-Type": "application/json" }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      if (response.status === 204) return { ok: true, body: null as T };
      said = await unlessNotOurs(response);
    } catch (error) {
      const late = error instanceof DOMException && error.name === "TimeoutError";
      return { ok: false, status: 0, problem: this.#silent(late ? "late" : "unreachable") };
    }
    if (response.ok && said !== null) return { ok: true, body: said as T };
    const ours = said !== null && typeof said === "object" && "title" in said && typeof said.title === "string";
    const problem = ours ? speakingProblem(said as Problem, this.#language) : this.#silent("unreadable");
    if (response.status === 401 && problem.cause === "not-signed-in") this.#signedOut();
    return { ok: false, status: response.status, problem };
  }

  /** A problem that this browser makes up, in both languages like the node's. */
  #silent(which: keyof Silence): Problem {
    const { fr, en } = this.#silence;
    const problem = { title: fr[which], cause: which };
    const language = this.#language;
    return Object.defineProperty(problem, "title", { enumerable: true, get: () => (language() === "fr" ? fr : en)[which] });
  }
}

/** The answer's JSON, or null where it has none; a body that is cut on the way is no answer. */
async function unlessNotOurs(response: Response): Promise<unknown> {
  const text = await response.text();
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}
