import { describe, expect, test } from "vitest";
import { elapsedWords, ribbonOf, type Steered, type SteeringOver } from "../../src/steering/ribbon";
import { after, before, lease, look, NOW_MS, word } from "./told";

const told = (change: Partial<Steered> = {}): Steered => ({ leases: [], authorisations: [], over: null, looks: [], away: [], askedAtMs: () => null, ...change });
const of = (change: Partial<Steered>, nowMs = NOW_MS) => ribbonOf("vda-117", told(change), nowMs);
const over: SteeringOver = { camera: "vda-117", wasAsked: false, atMs: NOW_MS - 5_000, problem: { title: "…", cause: "steering-withdrawn", articles: ["vda-etat:art-3"] } };

describe("a picture's ribbon", () => {
  test("is none where nobody steers, and none of another camera's", () => {
    expect(of({})).toEqual({ is: "none" });
    expect(of({ leases: [lease({ camera: "vda-003" })] })).toEqual({ is: "none" });
  });

  test("says that one steers, since when, and drains with the time that is left", () => {
    expect(of({ leases: [lease()] })).toMatchObject({ is: "mine", forMs: 41_000, left: 1759 / 1800, colleague: null });
    expect(of({ leases: [lease({ until: null })] })).toMatchObject({ is: "mine", left: null });
    expect(of({ leases: [lease()] }, NOW_MS + 3_600_000)).toMatchObject({ left: 0 });
  });

  test("says what is asked of the owner's room, and that one calls once nobody answered for 40 s", () => {
    const asked = lease({ state: "asked", since: null, until: null });
    expect(of({ leases: [asked], authorisations: [word()] })).toMatchObject({ is: "asked", of: "owner", forMs: 12_000, telephone: false });
    expect(of({ leases: [asked], authorisations: [word({ asked_at: before(41) })] })).toMatchObject({ telephone: true });
    expect(of({ leases: [asked], authorisations: [word({ telephone: true })] })).toMatchObject({ telephone: true });
  });

  test("says what is asked of a colleague where no word of the owner's is waited for", () => {
    const asked = lease({ id: "l2", state: "asked", since: null, until: null });
    expect(of({ leases: [lease({ mine: false }), asked], askedAtMs: () => NOW_MS - 3_000 })).toMatchObject({ is: "asked", of: "colleague", forMs: 3_000 });
  });

  test("tells the one who steers of a colleague who asks, and of nobody who waits for the owner", () => {
    const asks = lease({ id: "l2", state: "asked", mine: false, agent: "cic-8h2k" });
    expect(of({ leases: [lease(), asks] })).toMatchObject({ is: "mine", colleague: { agent: "cic-8h2k" } });
    expect(of({ leases: [lease(), asks], authorisations: [word({ lease: "l2" })] })).toMatchObject({ is: "mine", colleague: null });
  });

  test("knows by which of the owner's words one steers: the camera's own before the event's", () => {
    const forEvent = word({ id: "a2", lease: "l9", state: "given", scope: "event", until: after(600) });
    const forCamera = word({ state: "given", until: after(60) });
    expect(of({ leases: [lease()], authorisations: [forEvent, forCamera] })).toMatchObject({ word: { id: "a1" } });
    expect(of({ leases: [lease()], authorisations: [forEvent] })).toMatchObject({ word: { id: "a2" } });
    expect(of({ leases: [lease({ event: "e2" })], authorisations: [forEvent, forCamera] })).toMatchObject({ word: null });
    expect(of({ leases: [lease()], authorisations: [word()] })).toMatchObject({ word: null });
  });

  test("names another who steers", () => {
    expect(of({ leases: [lease({ mine: false, service: "srpj" })] })).toMatchObject({ is: "other", lease: { service: "srpj" } });
  });

  test("says why one no longer steers, until one asks again or two minutes have passed", () => {
    expect(of({ over })).toMatchObject({ is: "over" });
    expect(of({ over, leases: [lease({ mine: false })] })).toMatchObject({ is: "over" });
    expect(of({ over, leases: [lease()] })).toMatchObject({ is: "mine" });
    expect(of({ over }, NOW_MS + 200_000)).toEqual({ is: "none" });
    expect(of({ over: { ...over, camera: "vda-003" } })).toEqual({ is: "none" });
  });

  test("with a term that is past already is empty, not negative", () => {
    expect(of({ leases: [lease({ since: after(0), until: before(10) })] })).toMatchObject({ left: 0 });
  });
});

test("a look that the owner's room was asked for is told on the picture, what one steers before it", () => {
  expect(of({ looks: [look()] })).toMatchObject({ is: "look", look: { state: "asked" }, forMs: 20_000 });
  expect(of({ looks: [look({ state: "accepted" })], leases: [lease({ mine: false })] })).toMatchObject({ is: "look", look: { state: "accepted" } });
  expect(of({ looks: [look()], leases: [lease()] })).toMatchObject({ is: "mine" });
  expect(of({ looks: [look({ state: "done", answered_at: before(10) })] })).toMatchObject({ is: "look" });
  expect(of({ looks: [look({ state: "declined", answered_at: before(500) })] })).toEqual({ is: "none" });
  expect(of({ looks: [look({ camera: "vda-003" })] })).toEqual({ is: "none" });
});

test("a camera that a partner left turned says when it goes back, unless somebody steers it or still watches it", () => {
  const away = [{ camera: "vda-117", party: "etat", event: "e1", at: after(23) }];
  expect(of({ away })).toEqual({ is: "away", inMs: 23_000 });
  expect(of({ away, leases: [lease()] })).toMatchObject({ is: "mine" });
  expect(of({ away: [{ ...away[0]!, at: null }] })).toEqual({ is: "none" });
  expect(of({ away }, NOW_MS + 60_000)).toEqual({ is: "away", inMs: 0 });
});

test("how long is read in minutes and seconds", () => {
  expect([41_900, 725_000, 3_750_000].map(elapsedWords)).toEqual(["0:41", "12:05", "1:02:30"]);
});
