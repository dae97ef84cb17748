import { beforeEach, describe, expect, test, vi } from "vitest";
import type { Answer, Api } from "../../src/api/client";
import type { CameraFeature, Cause, Ended, OpenedStream, Problem, Viewing } from "../../src/api/types";
import { Inventory } from "../../src/room/inventory";
import { PLACES, PLACES_AT_FIRST } from "../../src/room/places";
import { isUndecided } from "../../src/room/refusal";
import { Wall, type Surroundings } from "../../src/room/wall.svelte";

const town = new Inventory({
  type: "FeatureCollection",
  features: Array.from({ length: 12 }, (_, n): CameraFeature => {
    const id = `vda-${String(n + 1).padStart(3, "0")}`;
    return {
      type: "Feature", id, geometry: { type: "Point", coordinates: [3.1, 50.6] },
      properties: { id, number: n + 1, name: `camera ${n + 1}`, sector: "", street: "", zone: "", commune: "", class: "voie-publique", ptz: false, heading_deg: 0, fov_deg: 60, range_m: 80, width_px: null, state: "ok", cause: null, authorised_until: null, owner: "villeneuve-dascq" },
    };
  }),
});
const camera = (number: number) => town.byNumber(number)!;
const quota: Problem = { title: "Refusé par la convention", cause: "quota", articles: ["vda-etat:art-3"], holders: [] };
const ending = (viewing: string, cause: Cause): Ended => ({ viewing, camera: "vda-001", party: "etat", service: "cic", event: "event", cause, by: null, articles: ["vda-etat:art-3"], title: "Flux suspendu", detail: "masque décalé", remedy: null });

/** An API that answers in the order that the test says. */
function node() {
  const asked: { camera: string; event: string | null; answer: (refusal?: Problem) => void }[] = [];
  const closed: string[] = [];
  let foreseen = "refused";
  const api = {
    openStream: (id: string, event: string | null) =>
      new Promise((resolve) => {
        const body: OpenedStream = { id: `viewing of ${id}${event === "event" ? "" : ` for ${event}`}`, camera: id, media_url: "ws://…", slot: 1, slots: 8, slots_used: 1, articles: [], valid_until: null };
        asked.push({ camera: id, event, answer: (problem) => resolve(problem ? { ok: false, status: 409, problem } : { ok: true, body }) });
      }),
    closeStream: (id: string) => (closed.push(id), Promise.resolve({ ok: true, body: null })),
    preview: () => Promise.resolve({ ok: true, body: { verdict: foreseen } }),
  };
  return { api: api as unknown as Api, asked, closed, foresee: (verdict: string) => (foreseen = verdict) };
}

let nowMs = 0;
let items: Viewing[] = [];
const settle = () => new Promise((resolve) => setTimeout(resolve));
const around = (change: Partial<Surroundings> = {}): Surroundings => ({ event: () => "event", nowMs: () => nowMs, party: () => "etat", items: () => items, selected: () => undefined, unanswered: () => undefined, ...change });

beforeEach(() => {
  nowMs = 1_000_000;
  items = [];
  const kept = new Map<string, string>();
  vi.stubGlobal("sessionStorage", { getItem: (key: string) => kept.get(key) ?? null, setItem: (key: string, value: string) => kept.set(key, value), removeItem: (key: string) => kept.delete(key) });
});

async function filled(count: number) {
  const given = node();
  const wall = new Wall(given.api, around(), "test");
  for (let number = 1; number <= count; number++) {
    nowMs += 60_000;
    const opening = wall.open(camera(number));
    given.asked.at(-1)?.answer();
    await opening;
  }
  return { wall, ...given };
}

describe("the wall", () => {
  test("shows a tile at once, before the node has answered, and takes it away where it refuses", async () => {
    const { api, asked } = node();
    const wall = new Wall(api, around(), "test");
    const opening = wall.open(camera(3));
    expect(wall.shown.map((tile) => [tile.camera.number, tile.asked, tile.running])).toEqual([[3, true, false]]);
    expect(wall.selectedTile?.camera.number).toBe(3);
    asked[0]?.answer({ title: "Refusé", cause: "suspended" });
    await opening;
    expect(wall.shown).toEqual([]);
    expect(wall.refusal).toMatchObject({ kind: "decided", camera: { number: 3 } });
  });

  test("gives two cameras asked for at once a place each, whichever is answered first", async () => {
    const { api, asked } = node();
    const wall = new Wall(api, around(), "test");
    const both = [wall.open(camera(1)), wall.open(camera(2))];
    asked[1]?.answer();
    asked[0]?.answer();
    await Promise.all(both);
    expect(wall.running.map((tile) => [tile.camera.number, tile.position])).toEqual([[1, 0], [2, 1]]);
  });

  test("asks once for a camera whose key was pressed twice", () => {
    const { api, asked } = node();
    const wall = new Wall(api, around(), "test");
    void wall.open(camera(1));
    void wall.open(camera(1));
    expect(asked).toHaveLength(1);
  });

  test("gives back what comes for a tile that was closed meanwhile", async () => {
    const { api, asked, closed } = node();
    const wall = new Wall(api, around(), "test");
    const opening = wall.open(camera(1));
    await wall.close(0);
    asked[0]?.answer();
    await opening;
    expect(closed).toEqual(["viewing of vda-001"]);
    expect(wall.shown).toEqual([]);
  });

  test("waits for the event that is being opened, and opens the picture for it", async () => {
    const { api, asked } = node();
    let opened: (event: string) => void = () => undefined;
    const wall = new Wall(api, around({ event: () => new Promise((resolve) => (opened = resolve)) }), "test");
    const opening = wall.open(camera(1));
    expect(wall.shown).toHaveLength(1);
    expect(asked).toEqual([]);
    opened("event");
    await settle();
    expect(asked[0]?.event).toBe("event");
    asked[0]?.answer();
    await opening;
    expect(wall.running[0]?.event).toBe("event");
  });

  test("shows four places, and eight once a fifth picture is opened", async () => {
    expect((await filled(4)).wall.places).toBe(PLACES_AT_FIRST);
    expect((await filled(5)).wall.places).toBe(PLACES);
  });

  test("says that it cannot show four places while a fifth is taken", async () => {
    const { wall } = await filled(5);
    expect(wall.changeLayout()).toBe(false);
    expect(wall.places).toBe(PLACES);
    await wall.close(4);
    expect(wall.changeLayout()).toBe(true);
  });

  test("moves no tile when one is closed, and fills its place next", async () => {
    const { wall, asked } = await filled(4);
    await wall.close(1);
    expect(wall.tiles.map((tile) => tile?.camera.number ?? null).slice(0, 4)).toEqual([1, null, 3, 4]);
    const opening = wall.open(camera(7));
    asked.at(-1)?.answer();
    await opening;
    expect(wall.tiles[1]?.camera.number).toBe(7);
  });

  test("exchanges two cells when a picture is enlarged, and keeps every other", async () => {
    const { wall } = await filled(4);
    wall.enlarge(2);
    expect(wall.cells.slice(0, 4)).toEqual([2, 1, 0, 3]);
  });

  test("keeps a refused camera until an event is chosen", async () => {
    const { api, asked } = node();
    const wall = new Wall(api, around({ event: () => null }), "test");
    const opening = wall.open(camera(3));
    asked[0]?.answer({ title: "Refusé", cause: "no-event" });
    await opening;
    expect(wall.awaitingEvent?.camera.number).toBe(3);
    expect(wall.shown).toEqual([]);
  });

  test("ends a tile with the node's words, and not for a link that was cut", async () => {
    const { wall } = await filled(2);
    wall.ended(ending("viewing of vda-001", "socket-lost"));
    expect(wall.tiles[0]?.running).toBe(true);
    wall.ended(ending("viewing of vda-001", "suspended"));
    wall.endedByRelay(wall.tiles[0]!, "suspended", "vda-etat:art-3");
    expect(wall.tiles[0]).toMatchObject({ state: "suspended", ended: { words: { detail: "masque décalé" } } });
    expect(wall.tiles[1]?.running).toBe(true);
  });

  test("keeps the end of a picture that was asked for again and refused again", async () => {
    const { wall, asked } = await filled(1);
    wall.ended(ending("viewing of vda-001", "suspended"));
    const opening = wall.open(camera(1));
    expect(wall.tiles[0]?.asked).toBe(true);
    asked.at(-1)?.answer({ title: "Refusé", cause: "suspended" });
    await opening;
    expect(wall.tiles[0]).toMatchObject({ state: "suspended" });
  });

  test("clears all that has ended with one key, and nothing else", async () => {
    const { wall } = await filled(3);
    for (const at of [0, 2]) wall.ended(ending(wall.tiles[at]!.viewing, "event-closed"));
    wall.clearEnded();
    expect(wall.shown.map((tile) => tile.camera.number)).toEqual([2]);
  });

  test("takes its pictures up again after a reload, all at once, even those that were being asked for", async () => {
    const { api, asked } = node();
    const before = new Wall(api, around(), "test");
    void before.open(camera(1));
    void before.open(camera(2));
    const after = new Wall(api, around(), "test");
    const taking = after.takeUp(town, new Set(["vda-001", "vda-002"]));
    expect(asked.slice(2).map((one) => one.camera)).toEqual(["vda-001", "vda-002"]);
    expect(after.shown).toHaveLength(2);
    for (const one of asked.slice(2)) one.answer();
    await taking;
    expect(after.running).toHaveLength(2);
  });

  test("shows a picture for another event without giving up its slot or its place", async () => {
    const { wall, asked, closed } = await filled(2);
    wall.select(0);
    const pouring = wall.pour("other");
    expect(closed).toEqual([]);
    asked.at(-1)?.answer();
    await pouring;
    expect(closed).toEqual(["viewing of vda-001"]);
    expect(wall.tiles[0]).toMatchObject({ running: true, event: "other", viewing: "viewing of vda-001 for other" });
  });
});

describe("a ninth camera", () => {
  async function refused(count = 8) {
    const given = await filled(count);
    given.wall.select(0);
    const opening = given.wall.open(camera(9));
    await settle();
    given.asked.at(-1)?.answer(quota);
    await opening;
    return given;
  }

  test("is refused with the picture looked at least recently on offer, never the large or the selected one", async () => {
    const { wall, closed } = await refused();
    expect(wall.refusal).toMatchObject({ kind: "decided", camera: { number: 9 } });
    expect(wall.swapWith?.camera.number).toBe(2);
    wall.pick(1);
    expect(wall.swapWith?.camera.number).toBe(3);
    wall.pick(-1);
    expect(wall.swapWith?.camera.number).toBe(2);
    expect(closed).toEqual([]);
  });

  test("takes the place of the one that was offered, and only when told", async () => {
    const { wall, asked, closed } = await refused();
    const swapping = wall.swap();
    expect(wall.tiles[1]).toMatchObject({ camera: { number: 9 }, asked: true });
    await settle();
    asked.at(-1)?.answer();
    await swapping;
    expect(closed).toEqual(["viewing of vda-002"]);
    expect(wall.tiles[1]).toMatchObject({ camera: { number: 9 }, running: true });
    expect(wall.refusal).toBeNull();
  });

  test("that is refused still gives the picture back that was given up for it", async () => {
    const { wall, asked, closed } = await refused();
    const swapping = wall.swap();
    await settle();
    asked.at(-1)?.answer(quota);
    await settle();
    expect(asked.at(-1)?.camera).toBe("vda-002");
    asked.at(-1)?.answer();
    await swapping;
    expect(closed).toEqual(["viewing of vda-002"]);
    expect(wall.tiles[1]).toMatchObject({ camera: { number: 2 }, running: true });
    expect(wall.refusal).toMatchObject({ kind: "decided", camera: { number: 9 }, back: { number: 2 } });
  });

  test("whose picture cannot come back leaves its end in its place", async () => {
    const { wall, asked } = await refused();
    const swapping = wall.swap();
    await settle();
    asked.at(-1)?.answer(quota);
    await settle();
    asked.at(-1)?.answer({ title: "Refusé", cause: "suspended" });
    await swapping;
    expect(wall.tiles[1]).toMatchObject({ camera: { number: 2 }, running: false, state: "suspended" });
    expect(wall.refusal).toMatchObject({ back: null });
  });

  test("is given to no other camera that is asked for during the swap", async () => {
    const { wall, asked, closed } = await refused(7);
    const swapping = wall.swap();
    const other = wall.open(camera(10));
    await settle();
    for (const one of asked.slice(-2)) one.answer();
    await Promise.all([swapping, other]);
    expect(wall.running.map((tile) => tile.camera.number).sort((a, b) => a - b)).toEqual([1, 3, 4, 5, 6, 7, 9, 10]);
    expect(closed).toEqual(["viewing of vda-002"]);
  });

  test("finds no picture to give up where each is watched by another of the party too", async () => {
    const { wall } = await refused();
    items = [1, 2, 3, 4, 5, 6, 7, 8].map((n) => ({ id: `colleague ${n}`, camera: camera(n).id, party: "etat", service: "cic", agent: "", station: "mur-2", event: null, purpose: null, since: "", valid_until: null, mine: false }));
    wall.refusal = { ...wall.refusal! };
    expect(wall.swaps).toEqual([]);
    expect(wall.swapWith).toBeNull();
    await wall.swap();
    expect(wall.running).toHaveLength(8);
  });

  test("that only the wall has no place for may take that of a picture that ends meanwhile", async () => {
    const { wall, foresee } = await filled(8);
    foresee("granted");
    await wall.open(camera(9));
    expect(wall.refusal).toMatchObject({ kind: "full" });
    wall.ended(ending("viewing of vda-005", "suspended"));
    wall.refusal = { ...wall.refusal! };
    expect(wall.swapWith?.camera.number).toBe(5);
  });
});

describe("a place whose picture has ended", () => {
  async function next(given: Awaited<ReturnType<typeof filled>>, number: number) {
    const opening = given.wall.open(camera(number));
    await settle();
    given.asked.at(-1)?.answer();
    await opening;
    return given.wall.tileOf(camera(number).id)?.position;
  }

  test("is free: after eight pictures of a closed event the next call opens at once, in the first of them", async () => {
    const given = await filled(8);
    for (const { viewing } of given.wall.running) given.wall.ended(ending(viewing, "event-closed"));
    expect(await next(given, 9)).toBe(0);
    expect(await next(given, 10)).toBe(1);
    expect(given.wall.refusal).toBeNull();
    expect(given.wall.tiles[2]).toMatchObject({ camera: { number: 3 }, ended: { cause: "event-closed" } });
  });

  for (const cause of ["suspended", "authorisation-withdrawn", "pre-empted", "revoked", "source-lost", "expired", "restart", "event-closed", "replaced"] as const)
    test(`is free whatever ended it: ${cause}`, async () => {
      const given = await filled(8);
      given.wall.ended(ending("viewing of vda-004", cause));
      expect(await next(given, 9)).toBe(3);
      expect(given.wall.refusal).toBeNull();
      expect(given.wall.shown).toHaveLength(8);
    });

  test("is taken before the wall is cut smaller where somebody closed it on purpose, and after where something is told there", async () => {
    const closed = await filled(4);
    closed.wall.ended(ending("viewing of vda-002", "event-closed"));
    expect(await next(closed, 9)).toBe(1);
    expect(closed.wall.places).toBe(PLACES_AT_FIRST);
    const told = await filled(4);
    told.wall.ended(ending("viewing of vda-002", "suspended"));
    expect(await next(told, 9)).toBe(4);
    expect(told.wall.tiles[1]).toMatchObject({ state: "suspended" });
  });

  test("keeps its word where the camera that was to come is refused", async () => {
    const { wall, asked } = await filled(8);
    wall.ended(ending("viewing of vda-005", "suspended"));
    const opening = wall.open(camera(9));
    asked.at(-1)?.answer(quota);
    await opening;
    expect(wall.tiles[4]).toMatchObject({ camera: { number: 5 }, state: "suspended" });
    expect(wall.refusal).toMatchObject({ kind: "decided", camera: { number: 9 } });
  });

  test("holds no layout: four places are shown again once what stood beyond them has ended", async () => {
    const { wall } = await filled(6);
    wall.ended(ending("viewing of vda-005", "event-closed"));
    expect(wall.changeLayout()).toBe(false);
    wall.ended(ending("viewing of vda-006", "event-closed"));
    expect(wall.changeLayout()).toBe(true);
    expect(wall.shown).toHaveLength(4);
  });
});

describe("a request that the node cannot take now", () => {
  const busy: Answer<OpenedStream> = { ok: false, status: 503, problem: { title: "Trop de demandes à la fois", cause: "busy", status: 503 }, retryAfterMs: 0 };
  const silence: Answer<OpenedStream> = { ok: false, status: 0, problem: { title: "Sans réponse", cause: "late" } };
  const given = (id: string): Answer<OpenedStream> => ({ ok: true, body: { id: `viewing of ${id}`, camera: id, media_url: "ws://…", slot: 1, slots: 8, slots_used: 1, articles: [], valid_until: null } });
  const running = (id: string): Viewing => ({ id: `viewing of ${id}`, camera: id, party: "etat", service: "cic", agent: "", station: "mur-1", event: { id: "event", kind: "intervention", motive: null, dispatch_number: null, sector: null, motive_to_come: false }, purpose: null, since: new Date(nowMs).toISOString(), valid_until: null, mine: true });

  /** A node whose openings and closings are answered as told, one after the other; then they are given. */
  function answering(openings: Answer<OpenedStream>[], closings: Answer<null>[] = []) {
    const asked: string[] = [];
    const closed: string[] = [];
    let unanswered = 0;
    const api = {
      openStream: (id: string) => (asked.push(id), Promise.resolve(openings.shift() ?? given(id))),
      closeStream: (id: string) => (closed.push(id), Promise.resolve(closings.shift() ?? { ok: true, body: null })),
    };
    const wall = new Wall(api as unknown as Api, around({ unanswered: () => (unanswered += 1) }), "test");
    return { wall, asked, closed, lost: () => unanswered };
  }

  test("is asked for once more by itself, and its tile says so meanwhile", async () => {
    const { wall, asked } = answering([busy]);
    const opening = wall.open(camera(1));
    await Promise.resolve();
    await Promise.resolve();
    expect(wall.tiles[0]).toMatchObject({ asked: true, askedAgain: { cause: "busy" } });
    await opening;
    expect(asked).toEqual(["vda-001", "vda-001"]);
    expect(wall.tiles[0]).toMatchObject({ running: true, askedAgain: null });
    expect(wall.refusal).toBeNull();
  });

  test("is told with its cause the second time, and one key asks again", async () => {
    const { wall, asked } = answering([busy, busy]);
    await wall.open(camera(1));
    expect(asked).toHaveLength(2);
    expect(wall.refusal).toMatchObject({ kind: "decided", problem: { cause: "busy" } });
    expect(isUndecided(wall.refusal!)).toBe(true);
    await wall.retry();
    expect(wall.tiles[0]?.running).toBe(true);
  });

  test("is not asked for again where its tile was closed meanwhile", async () => {
    const { wall, asked } = answering([busy]);
    const opening = wall.open(camera(1));
    await wall.close(0);
    await opening;
    expect(asked).toHaveLength(1);
    expect(wall.refusal).toBeNull();
  });

  test("and was never answered is asked after: what was given stands on the wall where it is still waited for", async () => {
    const { wall, asked, closed, lost } = answering([silence]);
    await wall.open(camera(1));
    expect([lost(), wall.asksAfter, wall.shown.length]).toEqual([1, true, 0]);
    wall.compare([]);
    expect(wall.asksAfter).toBe(true);
    wall.compare([running("vda-001")]);
    await settle();
    expect(asked).toEqual(["vda-001", "vda-001"]);
    expect(wall.running.map(({ viewing }) => viewing)).toEqual(["viewing of vda-001"]);
    expect([wall.refusal, wall.asksAfter, closed.length]).toEqual([null, false, 0]);
  });

  test("and was never answered is given back where nobody waits for it any more", async () => {
    const { wall, closed } = answering([silence]);
    await wall.open(camera(1));
    wall.refusal = null;
    wall.compare([running("vda-001"), running("vda-002")]);
    expect(closed).toEqual(["viewing of vda-001"]);
    expect(wall.asksAfter).toBe(false);
  });

  test("to close a picture and was never answered is made again while the picture runs", async () => {
    const { wall, closed, lost } = answering([], [silence as Answer<null>, silence as Answer<null>]);
    await wall.open(camera(1));
    await wall.close(0);
    expect([lost(), wall.asksAfter]).toEqual([1, true]);
    expect(wall.isUnanswered(running("vda-001"))).toBe(true);
    wall.compare([running("vda-001")]);
    await settle();
    expect([lost(), wall.asksAfter]).toEqual([2, true]);
    wall.compare([running("vda-001")]);
    await settle();
    expect(closed).toEqual(["viewing of vda-001", "viewing of vda-001", "viewing of vda-001"]);
    expect(wall.asksAfter).toBe(false);
  });
});
