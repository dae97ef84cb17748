import { expect, test } from "vitest";
import type { Viewing } from "../../src/api/types";
import { Elsewhere } from "../../src/room/elsewhere";

const viewing = (id: string): Viewing => ({ id, camera: `camera of ${id}`, party: "etat", service: "cic", agent: "", station: "mur-1", event: null, purpose: null, since: "", valid_until: null, mine: true });

test("a viewing that no tile shows is elsewhere only once that lasts", () => {
  const elsewhere = new Elsewhere();
  expect(elsewhere.take([viewing("a")], 0)).toEqual([]);
  expect(elsewhere.take([viewing("a"), viewing("b")], 2_999)).toEqual([]);
  expect(elsewhere.take([viewing("a"), viewing("b")], 3_000).map(({ id }) => id)).toEqual(["a"]);
  expect(elsewhere.take([viewing("b")], 3_500)).toEqual([]);
  expect(elsewhere.take([viewing("a"), viewing("b")], 6_000).map(({ id }) => id)).toEqual(["b"]);
});
