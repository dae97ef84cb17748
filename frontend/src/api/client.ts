/** Calls to the node. A refusal is a value here too: every answer is `ok` with a body, or not, with a problem in words. */
import { speakingDecision, speakingProblem } from "./spoken";
import type {
  AnswerGround,
  Agenda,
  Authorisation,
  AuthorisationAnswer,
  Availability,
  CameraCollection,
  Centre,
  ConventionChange,
  ConventionInForce,
  CouldWatch,
  Decision,
  Deputy,
  Ends,
  EventKind,
  Faults,
  AgentNamed,
  Reconciliation,
  ResolutionGround,
  ForeseenReplacement,
  ForeseenTerm,
  GoTo,
  GroundCollection,
  Habilitation,
  HandoverNote,
  JournalRecords,
  JournalViewings,
  Language,
  NodeCard,
  OpenedStream,
  OperationalEvent,
  OralWord,
  Problem,
  Readiness,
  RegisteredStation,
  Session,
  Station,
  Steerable,
  Streams,
  SuspensionGround,
  TakenLease,
  Velocity,
  WhatIf,
} from "./types";

/** `retryAfterMs`: when the node, too busy now, says to ask again. */
export type Answer<T> = { ok: true; body: T } | { ok: false; status: number; problem: Problem; retryAfterMs?: number | null };

/** Of which camera, from when, until when; empty where it is not bounded. Instants with their offset. */
export interface JournalQuestion {
  camera: string;
  from: string;
  to: string;
}

const RECORDS_A_PAGE = 200;

const authorisation = (word: string) => `/authorisations/${encodeURIComponent(word)}`;
const ptz = (lease: string) => `/ptz/leases/${encodeURIComponent(lease)}`;

function asked(question: JournalQuestion, after: string | null, limit?: number): URLSearchParams {
  const said = new URLSearchParams(Object.entries(question).filter(([, value]) => value !== ""));
  if (after !== null) said.set("after", after);
  if (limit !== undefined) said.set("limit", String(limit));
  return said;
}

type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

/** What to say when no answer came, none in time, or one that is not ours. */
export interface Silence {
  unreachable: string;
  late: string;
  unreadable: string;
}

/** An operator waits no longer than this for an answer. */
const ANSWER_MS_MAX = 5_000;
/** A movement that took longer is over by itself. */
const MOVE_MS_MAX = 1_000;
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

  node = () => this.#call<NodeCard>("GET", "/node");
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
  steer = (camera: string, event: string | null) => this.#call<TakenLease>("POST", "/ptz/leases", { camera, event });
  releasePtz = (lease: string) => this.#call<null>("DELETE", ptz(lease));
  movePtz = (lease: string, { pan, tilt, zoom }: Velocity) => this.#call<null>("POST", `${ptz(lease)}/move`, { pan, tilt, zoom }, MOVE_MS_MAX);
  stopPtz = (lease: string) => this.#call<null>("POST", `${ptz(lease)}/stop`);
  goToPtz = (lease: string, place: GoTo) => this.#call<null>("POST", `${ptz(lease)}/goto`, place);
  /** The socket under a right to steer; the browser names its origin and brings the session. */
  steeringSocket = (lease: string) => new WebSocket(`${location.origin.replace(/^http/, "ws")}/api/v1${ptz(lease)}/steering`);
  steerable = (lease: string) => this.#call<Steerable>("GET", `${ptz(lease)}/camera`);
  answerColleague = (lease: string, answer: "yes" | "no" | "more") => this.#call<null>("POST", `${ptz(lease)}/answer`, { answer });
  answerRequest = (word: string, said: AuthorisationAnswer) => this.#call<Authorisation>("POST", authorisation(word), said);
  withdrawWord = (word: string, ground: AnswerGround | null) => this.#call<Authorisation>("PATCH", authorisation(word), { state: "withdrawn", ground });
  confirmWord = (word: string, confirmed: boolean) => this.#call<Authorisation>("POST", `${authorisation(word)}/confirmation`, { confirmed });
  writeDownWord = (said: OralWord) => this.#call<{ id: string }>("POST", "/authorisations", said);
  habilitations = () => this.#call<{ items: Habilitation[] }>("GET", "/habilitations");
  deputies = () => this.#call<{ items: Deputy[] }>("GET", "/deputies");
  nameDeputy = (agent: string, until: string) => this.#call<null>("PUT", `/deputies/${encodeURIComponent(agent)}`, { until });
  endDeputy = (agent: string) => this.#call<null>("DELETE", `/deputies/${encodeURIComponent(agent)}`);
  declareCrew = (camera: string, engaged: boolean) => this.#call<null>(engaged ? "PUT" : "DELETE", `/cameras/${encodeURIComponent(camera)}/crew`);
  stayAway = (camera: string) => this.#call<null>("DELETE", `/ptz/away/${encodeURIComponent(camera)}`);
  askToLook = (at: { camera: string } | { position: [number, number] }, target: string, event: string) =>
    this.#call<{ id: string }>("POST", "/looks", { ...at, target, event });
  answerLook = (look: string, state: "accepted" | "declined" | "done") => this.#call<null>("PATCH", `/looks/${encodeURIComponent(look)}`, { state });
  whoCouldWatch = (camera: string) =>
    this.#call<{ items: CouldWatch[] }>("GET", `/cameras/${encodeURIComponent(camera)}/who-could-watch`);
  /** Whose a pseudonym of one's own party is. Recorded on both sides. */
  resolvePseudonym = (pseudonym: string, ground: ResolutionGround, act: string) =>
    this.#call<AgentNamed>("POST", `/pseudonyms/${encodeURIComponent(pseudonym)}/resolution`, { ground, act });
  reconciliation = () => this.#call<Reconciliation>("GET", "/reconciliation");
  faults = () => this.#call<Faults>("GET", "/faults");
  availability = (month: string) => this.#call<Availability>("GET", `/faults/availability?month=${encodeURIComponent(month)}`);
  confirmLog = (reason: string) => this.#call<null>("POST", "/ledger/confirmation", { reason });
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
  foreseeActivity = (inactive: boolean) => this.#call<Ends>("POST", "/centre/activity/preview", { inactive });
  foreseeWithdrawal = (withdrawn: boolean) => this.#call<Ends>("POST", "/convention/withdrawal/preview", { withdrawn });
  foreseeTerm = (word: "non-renewal" | "renewal", on: string) =>
    this.#call<ForeseenTerm>("POST", "/convention/term/preview", { word, on });
  tellTerm = (word: "non-renewal" | "renewal", on: string, act: string) =>
    this.#call<null>("POST", "/convention/term", { word, on, act });
  foreseeReplacement = (markdown: string, signatures: string) =>
    this.#call<ForeseenReplacement>("POST", "/convention/replacement/preview", { markdown, signatures });
  changedAnswers = (markdown: string) =>
    this.#call<{ items: ConventionChange[] }>("POST", "/convention/replacement/changes", { markdown });
  replaceConvention = (markdown: string, signatures: string) =>
    this.#call<null>("POST", "/convention/replacement", { markdown, signatures });
  agenda = () => this.#call<Agenda>("GET", "/convention/agenda");
  /** The convention's page, a whole document. */
  page = (address: string) => this.#fetch(address, "GET", undefined, LONG_ANSWER_MS_MAX, (text) => text);
  whatIf = (request: object) => this.#call<WhatIf>("POST", "/convention/what-if", request);
  relieve = (login: string, pin: string) => this.#call<Session>("POST", "/session/relief", { login, pin }, LONG_ANSWER_MS_MAX);
  stations = () => this.#call<{ items: Station[] }>("GET", "/stations");
  registerStation = (label: string, until: string | null = null) => this.#call<RegisteredStation>("POST", "/stations", until === null ? { label } : { label, until });
  endStation = (id: string) => this.#call<null>("DELETE", `/stations/${encodeURIComponent(id)}`);
  notes = () => this.#call<{ items: HandoverNote[] }>("GET", "/handover");
  writeNote = (words: string) => this.#call<HandoverNote>("POST", "/handover", { words });
  acknowledgeNote = (id: string) => this.#call<null>("POST", `/handover/${encodeURIComponent(id)}/acknowledgement`);
  layout = () => this.#call<Record<string, unknown>>("GET", "/layout");
  keepLayout = (layout: object) => this.#call<null>("PUT", "/layout", layout);
  convention = () => this.#call<ConventionInForce>("GET", "/convention");
  viewings = (question: JournalQuestion, after: string | null) =>
    this.#call<JournalViewings>("GET", `/journal/viewings?${asked(question, after)}`, undefined, LONG_ANSWER_MS_MAX);
  records = (question: JournalQuestion, after: string | null) =>
    this.#call<JournalRecords>("GET", `/journal?${asked(question, after, RECORDS_A_PAGE)}`, undefined, LONG_ANSWER_MS_MAX);
  /** The address of the whole answer as a file. */
  viewingsFile = (question: JournalQuestion) =>
    `/api/v1/journal/viewings.csv?${asked(question, null)}&language=${this.#language()}`;

  /** Null where the node does not answer. */
  async readiness(): Promise<Readiness | null> {
    try {
      const response = await fetch("/readyz", { headers: { "Accept-Language": this.#language() } });
      const said = (await response.json()) as Record<string, unknown>;
      const lacking = Array.isArray(said["lacking"]) ? (said["lacking"] as Readiness["lacking"]) : [];
      const parts = Object.entries(said).flatMap(([name, well]) => (typeof well === "boolean" ? [{ name, well }] : []));
      return { up: response.ok, parts, lacking };
    } catch {
      return null;
    }
  }

  async #foresee(action: "view" | "take_ptz", camera: string, event: string | null): Promise<Answer<Decision>> {
    const answer = await this.#call<Decision>("POST", "/preview", { action, camera, event, purpose: null });
    return answer.ok ? { ok: true, body: speakingDecision(answer.body, this.#language) } : answer;
  }

  #call<T>(method: Method, path: string, body?: unknown, withinMs = ANSWER_MS_MAX): Promise<Answer<T>> {
    return this.#fetch(`/api/v1${path}`, method, body, withinMs, (text) => jsonOrNull(text) as T | null);
  }

  /** Ask, and read the answer with `read`, which returns null where the answer is not ours. */
  async #fetch<T>(address: string, method: Method, body: unknown, withinMs: number, read: (text: string) => T | null): Promise<Answer<T>> {
    let response: Response;
    let text: string;
    try {
      response = await fetch(address, {
        method,
        signal: AbortSignal.timeout(withinMs),
        headers: {
          "Accept-Language": this.#language(),
          ...(body === undefined ? {} : { "Content-Type": "application/json" }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      if (response.status === 204) return { ok: true, body: null as T };
      text = await response.text(); // a body that is cut on the way is no answer
    } catch (error) {
      const late = error instanceof DOMException && error.name === "TimeoutError";
      return { ok: false, status: 0, problem: this.#silent(late ? "late" : "unreachable") };
    }
    const found = response.ok ? read(text) : null;
    if (found !== null) return { ok: true, body: found };
    const said = jsonOrNull(text);
    const ours = said !== null && typeof said === "object" && "title" in said && typeof said.title === "string";
    const problem = ours ? speakingProblem(said as Problem, this.#language) : this.#silent("unreadable");
    const closed = response.status === 403 && problem.type === "urn:belvedere:problem:standing-ended";
    if ((response.status === 401 && problem.cause === "not-signed-in") || closed) this.#signedOut();
    const after = response.status === 503 ? response.headers.get("Retry-After") : null;
    return { ok: false, status: response.status, problem, retryAfterMs: after !== null && /^\d+$/.test(after) ? Number(after) * 1000 : null };
  }

  /** A problem that this browser makes up, in both languages like the node's. */
  #silent(which: keyof Silence): Problem {
    const { fr, en } = this.#silence;
    const problem = { title: fr[which], cause: which };
    const language = this.#language;
    return Object.defineProperty(problem, "title", { enumerable: true, get: () => (language() === "fr" ? fr : en)[which] });
  }
}

function jsonOrNull(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}
