import { beforeEach, describe, expect, test, vi } from "vitest";
import type { Api } from "../../src/api/client";
import type { CameraFeature, OpenedStream, Problem } from "../../src/api/types";
import { Inventory } from "../../src/room/inventory";
import { PLACES, PLACES_AT_FIRST, Wall } from "../../src/room/wall.svelte";

const town = new Inventory({
  type: "FeatureCollection",
  features: Array.from({ length: 12 }, (_, n): CameraFeature => {
    const id = `vda-${String(n + 1).padStart(3, "0")}`;
    return {
      type: "Feature", id, geometry: { type: "Point", coordinates: [3.1, 50.6] },
      properties: { id, number: n + 1, name: `camera ${n + 1}`, sector: "", street: "", zone: "", commune: "", class: "voie-publique", ptz: false, heading_deg: 0, fov_deg: 60, range_m: 80, width_px: null, state: "ok", authorised_until: null, owner: "villeneuve-dascq" },
    };
  }),
});
const camera = (number: number) => town.byNumber(number)!;
const quota: Problem = { title: "Refusé par la convention", cause: "quota", articles: ["vda-etat:art-3"], holders: [] };

/** An API that answers in the order that the test says. */
function node() {
  const asked: { camera: string; answer: (refusal?: Problem) => void }[] = [];
  const closed: string[] = [];
  const api = {
    openStream: (id: string) =>
      new Promise((resolve) => {
        const body: OpenedStream = { id: `viewing of ${id}`, camera: id, media_url: "ws://…", slot: 1, slots: 8, slots_used: 1, articles: [], valid_until: null };
        asked.push({ camera: id, answer: (problem) => resolve(problem ? { ok: false, status: 409, problem } : { ok: true, body }) });
      }),
    closeStream: (id: string) => (closed.push(id), Promise.resolve({ ok: true, body: null })),
    preview: () => Promise.resolve({ ok: true, body: { verdict: "refused" } }),
  };
  return { api: api as unknown as Api, asked, closed };
}

let nowMs = 0;
const settle = () => new Promise((resolve) => setTimeout(resolve));

beforeEach(() => {
  nowMs = 1_000_000;
  const kept = new Map<string, string>();
  vi.stubGlobal("sessionStorage", { getItem: (key: string) => kept.get(key) ?? null, setItem: (key: string, value: string) => kept.set(key, value), removeItem: (key: string) => kept.delete(key) });
});

async function filled(count: number) {
  const { api, asked, closed } = node();
  const wall = new Wall(api, () => "event", () => nowMs, "test");
  for (let number = 1; number <= count; number++) {
    nowMs += 60_000;
    const opening = wall.open(camera(number));
    asked.at(-1)?.answer();
    await opening;
  }
  return { wall, asked, closed };
}

describe("the wall", () => {
  test("gives two cameras asked for at once a place each, whichever is answered first", async () => {
    const { api, asked } = node();
    const wall = new Wall(api, () => "event", () => nowMs, "test");
    const both = [wall.open(camera(1)), wall.open(camera(2))];
    asked[1]?.answer();
    asked[0]?.answer();
    await Promise.all(both);
    expect(wall.shown.map((tile) => [tile.camera.number, tile.position])).toEqual([[1, 0], [2, 1]]);
  });

  test("asks once for a camera whose key was pressed twice", async () => {
    const { api, asked } = node();
    const wall = new Wall(api, () => "event", () => nowMs, "test");
    void wall.open(camera(1));
    void wall.open(camera(1));
    expect(asked).toHaveLength(1);
  });

  test("shows four places, and eight once a fifth picture is opened", async () => {
    expect((await filled(4)).wall.places).toBe(PLACES_AT_FIRST);
    expect((await filled(5)).wall.places).toBe(PLACES);
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

  test("refused a ninth, offers the tile selected least recently, and swaps only when told", async () => {
    const { wall, asked, closed } = await filled(8);
    wall.select(0);
    const opening = wall.open(camera(9));
    await settle();
    asked.at(-1)?.answer(quota);
    await opening;
    expect(wall.refusal).toMatchObject({ kind: "decided", swapWith: { camera: { number: 2 } } });
    expect(closed).toEqual([]);
    const swapping = wall.swap();
    await settle();
    asked.at(-1)?.answer();
    await swapping;
    expect(closed).toEqual(["viewing of vda-002"]);
    expect(wall.tiles[1]?.camera.number).toBe(9);
    expect(wall.refusal).toBeNull();
  });

  test("keeps a refused camera until an event is chosen", async () => {
    const { api, asked } = node();
    const wall = new Wall(api, () => null, () => nowMs, "test");
    const opening = wall.open(camera(3));
    asked[0]?.answer({ title: "Refusé", cause: "no-event" });
    await opening;
    expect(wall.awaitingEvent?.camera.number).toBe(3);
    expect(wall.shown).toEqual([]);
  });

  test("ends a tile with the node's words, and not for a link that was cut", async () => {
    const { wall } = await filled(2);
    wall.ended({ viewing: "viewing of vda-001", camera: "vda-001", cause: "socket-lost", articles: [], title: "…", detail: null, remedy: null });
    expect(wall.tiles[0]?.running).toBe(true);
    wall.ended({ viewing: "viewing of vda-001", camera: "vda-001", cause: "suspended", articles: ["vda-etat:art-3"], title: "Flux suspendu", detail: "masque décalé", remedy: null });
    wall.endedByRelay(wall.tiles[0]!, "suspended", "vda-etat:art-3");
    expect(wall.tiles[0]).toMatchObject({ state: "suspended", ended: { detail: "masque décalé" } });
    expect(wall.tiles[1]?.running).toBe(true);
  });
});
