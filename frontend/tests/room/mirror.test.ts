import { describe, expect, test } from "vitest";
import type { Viewing } from "../../src/api/types";
import { arranged, mirrorRows, stationsOf } from "../../src/room/mirror";

const viewing = (id: string, camera: string, since: string, more: Partial<Viewing> = {}): Viewing => ({ id, camera, party: "etat", service: "cic", agent: `agent of ${id}`, station: id, event: { id: "e1", kind: "levee-de-doute", motive: null, dispatch_number: null, sector: null, motive_to_come: false }, purpose: null, since, valid_until: null, mine: false, ...more });

describe("the mirror", () => {
  test("has a row a camera, whoever watches it, the first to be watched first", () => {
    const rows = mirrorRows([
      viewing("c", "vda-1", "22:05"), viewing("a", "vda-2", "22:01"), viewing("b", "vda-1", "22:00"),
      viewing("d", "vda-1", "22:06", { service: "srpj", event: null }), viewing("own", "vda-3", "22:00", { party: "villeneuve-dascq" }),
    ], "villeneuve-dascq");
    expect(rows.map(({ camera, since, viewings }) => [camera, since, viewings.length])).toEqual([["vda-1", "22:00", 3], ["vda-2", "22:01", 1]]);
    expect(rows[0]?.services.map((one) => [one.service, stationsOf(one)])).toEqual([["cic", 2], ["srpj", 1]]);
    expect(rows[0]?.events).toHaveLength(1);
  });

  test("puts a new row at the bottom, and lets the others stand", () => {
    expect(arranged(["b", "a"], ["a", "b", "c"], false)).toEqual(["b", "a", "c"]);
    expect(arranged(["b", "a"], ["a"], false)).toEqual(["a"]);
  });

  test("keeps the place of what is over while a hand is on the rows", () => {
    expect(arranged(["b", "a"], ["a", "c"], true)).toEqual(["b", "a", "c"]);
  });
});
