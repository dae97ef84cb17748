import { expect, test } from "vitest";
import type { OperationalEvent, Streams, Suspension, Viewing } from "../../src/api/types";
import { cameraHappenings, eventHappenings, streamHappenings } from "../../src/room/feed";

const viewing = (id: string, camera: string, party = "etat"): Viewing => ({ id, camera, party, service: "cic", agent: "CIC-7Q2M", station: "mur-1", event: null, purpose: null, since: "2026-11-22T04:00:00Z", valid_until: null, mine: false });
const streams = (items: Viewing[], suspensions: Suspension[] = []): Streams => ({ items, slots: [], suspensions });
const suspension: Suspension = { camera: "vda-003", party: "etat", ground: "mask-fault", reason: "…", since: "2026-11-22T04:00:00Z", viewing: "a" };

test("a partner's viewing that begins or ends is told; the room's own is not", () => {
  const before = streams([viewing("a", "vda-003")]);
  const after = streams([viewing("b", "vda-017"), viewing("c", "vda-018", "villeneuve-dascq")]);
  expect(streamHappenings(before, after, "villeneuve-dascq")).toEqual([
    { what: "opened", party: "etat", service: "cic", camera: "vda-017" },
    { what: "ended", party: "etat", service: "cic", camera: "vda-003" },
  ]);
});

test("a suspension is told once, not as an end besides; its lifting too", () => {
  const watched = streams([viewing("a", "vda-003")]);
  const suspended = streams([], [suspension]);
  expect(streamHappenings(watched, suspended, "villeneuve-dascq")).toEqual([{ what: "suspended", camera: "vda-003", ground: "mask-fault" }]);
  expect(streamHappenings(suspended, streams([]), "villeneuve-dascq")).toEqual([{ what: "lifted", camera: "vda-003" }]);
});

test("fourteen cameras lost together are one line", () => {
  const before = new Map(Array.from({ length: 14 }, (_, n) => [`vda-${n}`, "ok" as const]));
  const lost = cameraHappenings(before, [...before.keys()].map((id) => ({ id, state: "lost" as const })));
  expect(lost).toHaveLength(1);
  expect(lost[0]).toMatchObject({ what: "lost", cameras: { length: 14 } });
  expect(cameraHappenings(new Map([["vda-1", "lost"]]), [{ id: "vda-1", state: "lost" }])).toEqual([]);
});

test("an event that opens, and one that leaves the list, are told", () => {
  const event: OperationalEvent = { id: "e", kind: "intervention", state: "open", sector: null, motive: null, dispatch_number: null, opened_at: "2026-11-22T04:00:00Z", opened_by: "CIC-7Q2M", opened_by_label: "agent 4512", party: "etat", motive_owed: true };
  expect(eventHappenings([], [event]).map(({ what }) => what)).toEqual(["event"]);
  expect(eventHappenings([event], []).map(({ what }) => what)).toEqual(["event-closed"]);
  expect(eventHappenings([event], [{ ...event, state: "closed" }]).map(({ what }) => what)).toEqual(["event-closed"]);
});
