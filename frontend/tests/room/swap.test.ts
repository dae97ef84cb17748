import { describe, expect, test } from "vitest";
import type { Viewing } from "../../src/api/types";
import { swapsForPlace, swapsForSlot } from "../../src/room/swap";

const viewing = (id: string, camera: string, party = "etat"): Viewing => ({ id, camera, party, service: "cic", agent: "CIC-7Q2M", station: "mur-1", event: null, purpose: null, since: "2026-11-22T04:00:00Z", valid_until: null, mine: false });
const tile = (camera: string, selectedAtMs: number, running = true) => ({ camera: { id: camera }, viewing: `v-${camera}`, running, selectedAtMs });
const cameras = (tiles: { camera: { id: string } }[]) => tiles.map(({ camera }) => camera.id);

const four = [tile("a", 1), tile("b", 2), tile("c", 3), tile("d", 4)];
const items = four.map(({ camera }) => viewing(`v-${camera.id}`, camera.id));
const looked = { large: four[0]!, selected: four[3]! };

describe("what is offered for a slot", () => {
  test("is the picture looked at least recently, and the large or the selected one last of all", () => {
    expect(cameras(swapsForSlot(four, looked, items, "etat"))).toEqual(["b", "c", "a", "d"]);
  });

  test("is never a camera that another of the party watches too: closing it would free nothing", () => {
    const shared = [...items, viewing("v-other", "b")];
    expect(cameras(swapsForSlot(four, looked, shared, "etat"))).toEqual(["c", "a", "d"]);
    expect(swapsForSlot(four, looked, [...items, ..."abcd".split("").map((id) => viewing(`v2-${id}`, id))], "etat")).toEqual([]);
  });

  test("counts the party's own viewers only: the city's take no slot", () => {
    expect(cameras(swapsForSlot(four, looked, [...items, viewing("v-csu", "b", "villeneuve-dascq")], "etat"))[0]).toBe("b");
  });

  test("is not a picture that has ended", () => {
    expect(cameras(swapsForSlot([tile("a", 1, false), tile("b", 2)], { large: null, selected: null }, items, "etat"))).toEqual(["b"]);
  });
});

test("for a place on the wall alone, what has ended goes first", () => {
  const tiles = [tile("a", 1), tile("b", 9, false), tile("c", 3)];
  expect(cameras(swapsForPlace(tiles, { large: tiles[0]!, selected: null }))).toEqual(["b", "c", "a"]);
});
