import { expect, test } from "vitest";
import type { Station } from "../../src/api/types";
import { byParty } from "../../src/screens/stations/by_party";

const station = (label: string, party: string, ended_at: string | null = null): Station => ({
  id: label, label, party, service: null, ended_at, until: null, may_end: false,
});

test("the party's own come first as the node gave them, and what was struck off stands last", () => {
  const groups = byParty([station("b", "city"), station("a", "city"), station("0", "city", "2026-01-01T00:00:00Z"), station("z", "etat")]);
  expect(groups.map(({ party, stations }) => [party, stations.map(({ label }) => label)])).toEqual([
    ["city", ["a", "b", "0"]],
    ["etat", ["z"]],
  ]);
});
