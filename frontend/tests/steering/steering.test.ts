import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Answer, Api } from "../../src/api/client";
import type { Authorisation, Lease, Steerable, TakenLease } from "../../src/api/types";
import { Steering } from "../../src/steering/steering.svelte";
import type { Pad } from "../../src/steering/joystick";
import type { Socket } from "../../src/steering/socket";
import { lease, NOW_MS, word } from "./told";

const fine: Answer<null> = { ok: true, body: null };
const taken = (state: "held" | "asked"): TakenLease => ({ id: "l1", camera: "vda-117", state, articles: ["vda-etat:art-3"], until: null, obligations: [], authorisation: null, asked_of: [] });
const settle = () => vi.advanceTimersByTimeAsync(0);

let said: string[];
let nowMs: number;
let camera: string | null;
let answers: { ask: Answer<TakenLease>; stop: Answer<null>; move: Answer<null>; can: Answer<Steerable> };
let steering: Steering;
let sockets: number;
let pads: Pad[];
/** A socket that never stands: movements go over HTTP. */
const closed: Socket = { send: () => undefined, close: () => undefined, readyState: 0, bufferedAmount: 0, onmessage: null, onclose: null };

const told = (items: Lease[], authorisations: Authorisation[] = [], crews: string[] = []) => steering.take({ leases: { items, crews, alarms: [], away: [] }, authorisations: { items: authorisations } });

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "setTimeout", "performance"] });
  [said, pads, sockets, nowMs, camera] = [[], [], 0, NOW_MS, "vda-117"];
  answers = { ask: { ok: true, body: taken("held") }, stop: fine, move: fine, can: { ok: true, body: { pan_tilt: true, zoom: true, picture_points: true, presets: [{ token: "t-7", name: "Place" }, { token: "t-9", name: "" }] } } };
  const api = {
    steer: (id: string, event: string | null) => (said.push(`ask ${id} ${event}`), Promise.resolve(answers.ask)),
    releasePtz: (id: string) => (said.push(`release ${id}`), Promise.resolve(fine)),
    movePtz: (id: string) => (said.push(`move ${id}`), Promise.resolve(answers.move)),
    stopPtz: (id: string) => (said.push(`stop ${id}`), Promise.resolve(answers.stop)),
    goToPtz: (id: string, place: object) => (said.push(`goto ${id} ${JSON.stringify(place)}`), Promise.resolve(fine)),
    steerable: (id: string) => (said.push(`learn ${id}`), Promise.resolve(answers.can)),
    answerColleague: (id: string, answer: string) => (said.push(`answer ${id} ${answer}`), Promise.resolve(fine)),
  };
  steering = new Steering(api as unknown as Api, { nowMs: () => nowMs, who: () => ({ party: "etat", service: "cic", pseudonym: "cic-7q2m" }), camera: () => camera, asksLooks: () => true, pads: () => pads, socket: () => (sockets += 1, closed) });
});

afterEach(() => {
  steering.leave();
  vi.useRealTimers();
});

describe("what is asked for", () => {
  test("is in hand as soon as the node gave it, before its list says so", async () => {
    expect(await steering.ask("vda-117", "e1")).toBeNull();
    expect(steering.inHand?.id).toBe("l1");
    told([]);
    expect(steering.inHand?.id).toBe("l1");
    told([lease()]);
    expect(steering.leases).toHaveLength(1);
  });

  test("and is in no list within 2.5 s is over", async () => {
    await steering.ask("vda-117", "e1");
    nowMs += 3_000;
    steering.refresh();
    expect(steering.inHand).toBeNull();
  });

  test("is not in hand while it is only asked for, and comes in hand by itself", async () => {
    answers.ask = { ok: true, body: taken("asked") };
    await steering.ask("vda-117", "e1");
    expect(steering.inHand).toBeNull();
    expect(steering.ribbon("vda-117", nowMs).is).toBe("asked");
    told([lease({ state: "asked", since: null })], [word()]);
    told([lease()]);
    expect(steering.inHand?.id).toBe("l1");
  });

  test("and refused is returned in the node's words", async () => {
    answers.ask = { ok: false, status: 403, problem: { title: "Équipage engagé", cause: "crew-engaged" } };
    expect(await steering.ask("vda-117", "e1")).toMatchObject({ cause: "crew-engaged" });
    expect(steering.leases).toEqual([]);
  });
});

describe("a key that stays down", () => {
  test("moves again and again, and coming up stops the camera once", () => {
    told([lease()]);
    steering.press("right");
    steering.press("right");
    vi.advanceTimersByTime(1_000);
    const moves = said.filter((one) => one === "move l1").length;
    expect(moves).toBeGreaterThanOrEqual(1);
    steering.lift("right");
    expect(said.filter((one) => one === "stop l1").length).toBeGreaterThanOrEqual(1);
    const length = said.length;
    vi.advanceTimersByTime(1_000);
    expect(said.slice(length).filter((one) => one.startsWith("move"))).toEqual([]);
  });

  test("is repeated each 150 to 200 ms", async () => {
    told([lease()]);
    steering.press("left");
    for (let at = 0; at < 20; at++) await vi.advanceTimersByTimeAsync(50);
    expect(said.filter((one) => one === "move l1").length).toBeGreaterThanOrEqual(5);
    expect(said.filter((one) => one === "move l1").length).toBeLessThanOrEqual(7);
  });

  test("turns nothing where one does not steer, nor the next picture after another came in hand", async () => {
    steering.press("left");
    expect(said).toEqual([]);
    told([lease(), lease({ id: "l3", camera: "vda-003" })]);
    steering.press("left");
    camera = "vda-003";
    steering.leases = [...steering.leases];
    steering.refresh();
    await vi.advanceTimersByTimeAsync(500);
    expect(said.filter((one) => one === "move l3")).toEqual([]);
    expect(said).toContain("stop l1");
  });

  test("stops when the window is left", async () => {
    told([lease()]);
    steering.press("up");
    steering.stopTurning();
    await vi.advanceTimersByTimeAsync(600);
    expect(said.filter((one) => one === "move l1")).toHaveLength(1);
    expect(said).toContain("stop l1");
  });
});

describe("a right that is over", () => {
  test("says why, as the node answers it", async () => {
    told([lease()]);
    answers.stop = { ok: false, status: 409, problem: { title: "Pilotage terminé", cause: "steering-withdrawn", articles: ["vda-etat:deliberation"] } };
    told([]);
    await settle();
    expect(steering.ribbon("vda-117", nowMs)).toMatchObject({ is: "over", over: { wasAsked: false, problem: { cause: "steering-withdrawn" } } });
  });

  test("and was only asked for says that it was refused", async () => {
    told([lease({ state: "asked", since: null })], [word()]);
    answers.stop = { ok: false, status: 409, problem: { title: "…", cause: "steering-refused" } };
    told([]);
    await settle();
    expect(steering.over.get("vda-117")).toMatchObject({ wasAsked: true });
  });

  test("is told by the movement that is refused too, at once", async () => {
    told([lease()]);
    answers.move = { ok: false, status: 409, problem: { title: "Pilotage terminé", cause: "owner-steers" } };
    steering.press("left");
    await settle();
    expect(steering.inHand).toBeNull();
    expect(steering.over.get("vda-117")).toMatchObject({ problem: { cause: "owner-steers" } });
  });

  test("says so on each of several pictures", async () => {
    told([lease(), lease({ id: "l2", camera: "vda-003" })]);
    answers.stop = { ok: false, status: 409, problem: { title: "…", cause: "steering-withdrawn" } };
    told([]);
    await settle();
    expect(["vda-117", "vda-003"].map((id) => steering.ribbon(id, nowMs).is)).toEqual(["over", "over"]);
  });

  test("says nothing where one gave it back oneself", async () => {
    told([lease()]);
    await steering.release(lease());
    told([]);
    await settle();
    expect(steering.over.size).toBe(0);
    expect(said.filter((one) => one.startsWith("stop"))).toEqual([]);
  });
});

test("a colleague who asks is answered under what it asks with", async () => {
  told([lease(), lease({ id: "l2", state: "asked", mine: false })]);
  await steering.answer("more");
  expect(said).toContain("answer l2 more");
});

test("a frame on the picture counts from where the one before brought it; turning the zoom forgets that", async () => {
  told([lease()]);
  await steering.goTo({ x: 0, y: 0, zoom: 0.5 });
  expect(steering.closeness).toBe(0.5);
  steering.press("in");
  expect(steering.closeness).toBe(0);
});

test("a socket stands under each right that is held, and under none that is only asked for", () => {
  told([lease(), lease({ id: "l2", camera: "vda-003", state: "asked" }), lease({ id: "l3", camera: "vda-042", mine: false })]);
  told([lease()]);
  expect(sockets).toBe(1);
});

test("a joystick turns the camera in hand while it is out of its rest, and stops it when it comes back", async () => {
  told([lease()]);
  pads = [{ connected: true, mapping: "", axes: [0, 0, 0] }];
  steering.refresh();
  expect(said).toEqual(["learn l1"]);
  pads = [{ connected: true, mapping: "", axes: [0.9, 0, 0] }];
  steering.refresh();
  for (let at = 0; at < 10; at++) await vi.advanceTimersByTimeAsync(50);
  expect(said.filter((one) => one === "move l1").length).toBeGreaterThanOrEqual(2);
  pads = [{ connected: true, mapping: "", axes: [0, 0, 0] }];
  await vi.advanceTimersByTimeAsync(100);
  expect(said.at(-1)).toBe("stop l1");
});

test("a digit sends the camera to its preset of that place by its token; one that it does not have sends it nowhere", async () => {
  told([lease()]);
  await settle();
  await steering.goToPreset(2);
  await steering.goToPreset(3);
  expect(said.filter((one) => one.startsWith("goto"))).toEqual(['goto l1 {"preset":"t-9"}']);
  answers.can = { ok: false, status: 503, problem: { title: "Caméra muette", cause: "camera-silent" } };
  told([lease({ id: "l2" })]);
  await settle();
  expect(steering.can).toBeNull();
});

test("a key assigns what stands long enough to be read: to whoever asks, or to whoever steers", async () => {
  const holder = lease({ id: "l2", mine: false });
  told([holder, lease({ id: "l3", mine: false, state: "asked", since: null, until: null, agent: "cic-8h2k" })]);
  await steering.assign("asker");
  expect(said).toEqual([]);
  nowMs += 1_000;
  await steering.assign("asker");
  await steering.assign("holder", "l3");
  expect(said).toEqual(["answer l3 yes", "answer l3 no"]);
});
