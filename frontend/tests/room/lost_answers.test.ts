import { expect, test } from "vitest";
import type { Viewing } from "../../src/api/types";
import { LostAnswers } from "../../src/room/lost_answers";

const at = (seconds: number) => Date.parse("2026-03-25T10:00:00Z") + seconds * 1000;
const viewing = (id: string, camera: string, sinceS: number, event: string | null = "event"): Viewing => ({
  id, camera, party: "etat", service: "cic", agent: "", station: "mur-1", purpose: null, valid_until: null, mine: true,
  event: event === null ? null : { id: event, kind: "intervention", motive: null, dispatch_number: null, sector: null, motive_to_come: false },
  since: new Date(at(sinceS)).toISOString(),
});

test("an opening without an answer is known by its camera, its event and its hour", () => {
  const lost = new LostAnswers();
  lost.opening("vda-117", "event", at(0));
  const before = viewing("v-old", "vda-117", -60);
  const others = [viewing("v-a", "vda-117", 1, "other"), viewing("v-b", "vda-003", 1), before];
  expect(lost.compare(others, at(10)).given).toEqual([]);
  expect(lost.compare([...others, viewing("v-c", "vda-117", 9)], at(12)).given.map(({ id }) => id)).toEqual(["v-c"]);
  lost.answered("vda-117", "event");
  expect(lost.pending).toBe(false);
});

test("nothing comes of an opening once its ticket must have lapsed, counted from when the node is heard again", () => {
  const lost = new LostAnswers();
  lost.opening("vda-117", "event", at(0));
  lost.compare([], at(600));
  expect(lost.mayHold("vda-117")).toBe(true);
  lost.compare([], at(641));
  expect(lost.pending).toBe(false);
});

test("a closing without an answer is to be asked for again only where the viewing still runs", () => {
  const lost = new LostAnswers();
  lost.closing("v-1");
  lost.closing("v-2");
  expect(lost.compare([viewing("v-2", "vda-003", 0)], at(10))).toEqual({ given: [], unclosed: ["v-2"] });
  expect(lost.pending).toBe(false);
});
