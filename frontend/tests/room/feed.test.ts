import { describe, expect, test } from "vitest";
import type { Cause, Centre, EndedInShort, Lease, Look, OperationalEvent, Streams, Suspension, Viewing } from "../../src/api/types";
import { centreHappenings, eventHappenings, Feed, lookHappenings, partnersEvents, steeringHappenings, streamHappenings } from "../../src/room/feed";

const OWN = "villeneuve-dascq";
const event = { id: "e1", kind: "levee-de-doute" as const, motive: null, dispatch_number: null, sector: null, motive_to_come: false };
const viewing = (id: string, camera: string, more: Partial<Viewing> = {}): Viewing => ({ id, camera, party: "etat", service: "cic", agent: "CIC-7Q2M", station: "mur-1", event, purpose: null, since: "2026-11-22T04:00:00Z", valid_until: null, mine: false, ...more });
const streams = (items: Viewing[], suspensions: Suspension[] = []): Streams => ({ items, slots: [], suspensions });
const suspension: Suspension = { camera: "vda-003", party: "etat", ground: "mask-fault", reason: "…", since: "2026-11-22T04:00:00Z", viewing: "a" };
const ended = (id: string, cause: Cause, by: string | null = null): EndedInShort => ({ viewing: id, camera: "vda-003", party: "etat", service: "srpj", event: "e1", cause, by, articles: ["vda-etat:art-3"] });
const cic = { party: "etat", service: "cic" };
const none = new Map<string, EndedInShort>();
const lease = (change: Partial<Lease>): Lease => ({ id: "l1", camera: "vda-003", party: "etat", service: "cic", agent: "cic-7q2m", event: "e1", state: "held", since: null, until: null, mine: false, ...change });
const told = (feed: Feed) => feed.lines.map(({ happening }) => happening);

describe("what is read from the streams", () => {
  test("a partner's viewing that begins or ends is told; the room's own is not", () => {
    const before = streams([viewing("a", "vda-003")]);
    const after = streams([viewing("b", "vda-017"), viewing("c", "vda-018", { party: OWN })]);
    expect(streamHappenings(before, after, OWN, none)).toEqual([
      { what: "opened", by: cic, kind: "levee-de-doute", event: "e1", cameras: ["vda-017"] },
      { what: "ended", by: cic, cause: "closed", articles: [], cameras: ["vda-003"] },
    ]);
  });

  test("a suspension is told once, not as an end besides; its lifting too", () => {
    const watched = streams([viewing("a", "vda-003")]);
    const suspended = streams([], [suspension]);
    expect(streamHappenings(watched, suspended, OWN, none)).toEqual([{ what: "suspended", camera: "vda-003", ground: "mask-fault" }]);
    expect(streamHappenings(suspended, streams([]), OWN, none)).toEqual([{ what: "lifted", camera: "vda-003" }]);
  });

  test("a stream that one service takes from another is told as such, with its article, not as a picture closed", () => {
    const before = streams([viewing("a", "vda-003", { service: "srpj" })]);
    expect(streamHappenings(before, streams([]), OWN, new Map([["a", ended("a", "pre-empted", "cic")]]))).toEqual([
      { what: "taken", from: { party: "etat", service: "srpj" }, by: "cic", articles: ["vda-etat:art-3"], cameras: ["vda-003"] },
    ]);
  });

  test("a picture that is shown for another event is not one that was closed", () => {
    const poured = viewing("b", "vda-003", { event: { ...event, id: "e2" } });
    expect(streamHappenings(streams([viewing("a", "vda-003"), poured]), streams([poured]), OWN, none)).toEqual([]);
    const colleague = viewing("c", "vda-003", { agent: "CIC-9999" });
    expect(streamHappenings(streams([viewing("a", "vda-003"), colleague]), streams([colleague]), OWN, none)).toMatchObject([{ what: "ended" }]);
  });

  test("an end carries its cause", () => {
    const before = streams([viewing("a", "vda-003")]);
    expect(streamHappenings(before, streams([]), OWN, new Map([["a", ended("a", "authorisation-withdrawn")]]))[0]).toMatchObject({ what: "ended", cause: "authorisation-withdrawn" });
  });
});

describe("the feed", () => {
  test("tells eight cameras opened one after the other in one line, written on in its place", () => {
    const feed = new Feed(() => OWN);
    const items: Viewing[] = [];
    feed.streams(streams([]), 0);
    for (let n = 1; n <= 8; n++) {
      items.push(viewing(`v${n}`, `vda-${n}`));
      feed.streams(streams([...items]), n * 1_000);
    }
    expect(told(feed)).toHaveLength(1);
    expect(told(feed)[0]).toMatchObject({ what: "opened", cameras: { length: 8 } });
    items.push(viewing("v9", "vda-9"));
    feed.streams(streams([...items]), 30_000);
    expect(told(feed).map((one) => "cameras" in one && one.cameras.length)).toEqual([1, 8]);
  });

  test("tells two events, two services or two causes apart", () => {
    const feed = new Feed(() => OWN);
    feed.streams(streams([]), 0);
    feed.streams(streams([viewing("a", "vda-1"), viewing("b", "vda-2", { service: "srpj" }), viewing("c", "vda-3", { event: { ...event, id: "e2" } })]), 1);
    expect(told(feed)).toHaveLength(3);
  });

  test("tells a node that was started anew in one line, not as every viewing closed and opened", () => {
    const feed = new Feed(() => OWN);
    feed.runsSince("04:00", 0);
    feed.streams(streams([viewing("a", "vda-1"), viewing("b", "vda-2"), viewing("own", "vda-9", { party: OWN })]), 0);
    feed.runsSince("05:00", 60_000);
    feed.streams(streams([]), 60_100);
    feed.streams(streams([viewing("a2", "vda-1")]), 61_000);
    expect(told(feed)).toEqual([]);
    feed.streams(streams([viewing("a2", "vda-1"), viewing("b2", "vda-2")]), 62_000);
    expect(told(feed)).toEqual([{ what: "restarted", viewings: 2, takenUp: 2 }]);
    feed.streams(streams([viewing("a2", "vda-1")]), 90_000);
    expect(told(feed)[0]).toMatchObject({ what: "ended", cameras: ["vda-2"] });
  });

  test("after a restart tells besides what nobody took up again, and what is new", () => {
    const feed = new Feed(() => OWN);
    feed.runsSince("04:00", 0);
    feed.streams(streams([viewing("a", "vda-1"), viewing("b", "vda-2")]), 0);
    feed.runsSince("05:00", 1_000);
    feed.streams(streams([viewing("a2", "vda-1"), viewing("c", "vda-3")]), 2_000);
    feed.settle(10_000);
    expect(told(feed)).toEqual([]);
    feed.settle(16_001);
    expect(told(feed).toReversed()).toMatchObject([
      { what: "restarted", viewings: 2, takenUp: 1 },
      { what: "opened", cameras: ["vda-3"] },
      { what: "ended", cause: "restart", cameras: ["vda-2"] },
    ]);
  });

  test("writes an outage on in its line, however late its cameras come back", () => {
    const feed = new Feed(() => OWN);
    const outage = { id: 1, sector: "Bourg", of: 22, beganAtMs: 5, cameras: [{ camera: "vda-1", lostAtMs: 5, backAtMs: null, cause: null }] };
    feed.tell([{ what: "outage", outage }], 5_005);
    feed.tell([{ what: "outage", outage: { ...outage, cameras: [{ camera: "vda-1", lostAtMs: 5, backAtMs: 400_000, cause: null }] } }], 405_000);
    expect(feed.lines).toMatchObject([{ atMs: 5, happening: { outage: { cameras: [{ backAtMs: 400_000 }] } } }]);
  });
});

test("an event that opens, and one that leaves the list, are told", () => {
  const opened: OperationalEvent = { id: "e", kind: "intervention", state: "open", sector: null, motive: null, dispatch_number: null, opened_at: "2026-11-22T04:00:00Z", opened_by: "CIC-7Q2M", opened_by_label: "agent 4512", kept_by: "CIC-7Q2M", kept_by_label: "agent 4512", party: "etat", motive_owed: true };
  expect(eventHappenings([], [opened]).map(({ what }) => what)).toEqual(["event"]);
  expect(eventHappenings([opened], []).map(({ what }) => what)).toEqual(["event-closed"]);
  expect(eventHappenings([opened], [{ ...opened, state: "closed" }]).map(({ what }) => what)).toEqual(["event-closed"]);
});

test("what is declared about the room is told, and what it was when the screen opened is not", () => {
  const open: Centre = { open: true, active: true, inactive: false, authorisation_withdrawn: false, changes_at: null, varied: null };
  expect(centreHappenings(null, open)).toEqual([]);
  expect(centreHappenings(open, { ...open, inactive: true, active: false })).toEqual([{ what: "room", turn: "inactive" }]);
  expect(centreHappenings(open, { ...open, authorisation_withdrawn: true })).toEqual([{ what: "room", turn: "withdrawn" }]);
  expect(centreHappenings(open, { ...open, open: false })).toEqual([{ what: "room", turn: "closes" }]);
  const varied = { day: "2026-11-22", open: "10:00", close: "23:00", reason: "braderie" };
  expect(centreHappenings(open, { ...open, varied })).toEqual([{ what: "hours", varied }]);
});

test("the owner's room knows its partners' events by what they watch for", () => {
  const items = [viewing("b", "vda-2", { since: "2026-11-22T04:05:00Z" }), viewing("a", "vda-1"), viewing("c", "vda-3", { party: OWN, event: null })];
  expect(partnersEvents(items, OWN)).toMatchObject([{ id: "e1", party: "etat", state: "open", opened_at: "2026-11-22T04:00:00Z", motive_owed: true }]);
});

describe("what is read from who steers", () => {
  test("is who asks, who steers and who no longer does; a question that was dropped is no end", () => {
    const asked = [lease({ state: "asked" })];
    expect(steeringHappenings([], asked)).toEqual([{ what: "steering", turn: "asked", by: cic, cameras: ["vda-003"] }]);
    expect(steeringHappenings(asked, [lease({})])).toEqual([{ what: "steering", turn: "held", by: cic, cameras: ["vda-003"] }]);
    expect(steeringHappenings([lease({})], [lease({ id: "l2", party: OWN, service: "csu" })]).map((one) => one.what === "steering" && [one.turn, one.by.party])).toEqual([["ended", "etat"], ["held", OWN]]);
    expect(steeringHappenings(asked, [])).toEqual([]);
    expect(steeringHappenings([lease({})], [lease({ until: "2026-11-22T05:00:00Z" })])).toEqual([]);
  });

  test("several cameras at once are one line", () => {
    const feed = new Feed(() => OWN);
    feed.tell(steeringHappenings([], [lease({ state: "asked" }), lease({ id: "l2", camera: "vda-017", state: "asked" })]), 0);
    expect(told(feed)).toEqual([{ what: "steering", turn: "asked", by: cic, cameras: ["vda-003", "vda-017"] }]);
  });

  test("a look is told at each of its turns", () => {
    const look: Look = { id: "k1", camera: "vda-003", position: null, target: "…", party: "etat", service: "cic", station: "mur-1", event: { id: "e1", kind: "trouble-grave", motive: null, sector: null }, asked_at: "2026-11-22T04:00:00Z", state: "asked", note: null, answered_at: null };
    expect(lookHappenings([], [look])).toEqual([{ what: "look", turn: "asked", by: cic, camera: "vda-003" }]);
    expect(lookHappenings([look], [{ ...look, state: "done" }])).toMatchObject([{ turn: "done" }]);
    expect(lookHappenings([look], [look])).toEqual([]);
  });
});
