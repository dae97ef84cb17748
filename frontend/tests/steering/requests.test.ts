import { describe, expect, test } from "vitest";
import { answered, disputes, givenRows, READ_MS, requestRows, takenBack } from "../../src/steering/requests";
import { before, lease, word } from "./told";

const asked = (id: string, camera = "vda-117") => lease({ id, camera, state: "asked", since: null, until: null, mine: false, agent: `agent of ${id}` });

describe("requests", () => {
  test("are one row an event, with its cameras, the oldest first", () => {
    const words = [
      word({ id: "a2", lease: "l2", camera: "vda-003", asked_at: before(5) }),
      word({ id: "a1", lease: "l1", asked_at: before(30), asked_of: ["csu-room-chief", "police-director"] }),
      word({ id: "a3", lease: "l3", camera: "vda-042", asked_at: before(20), event: { id: "e2", kind: "intervention", motive: null, sector: null } }),
    ];
    const rows = requestRows(words, [asked("l1"), asked("l2", "vda-003"), asked("l3", "vda-042")]);
    expect(rows.map(({ key, cameras }) => [key, cameras])).toEqual([["e1", ["vda-117", "vda-003"]], ["e2", ["vda-042"]]]);
    expect(rows[0]).toMatchObject({ kind: "trouble-grave", motive: "rassemblement violent", sector: "Centre", station: "mur-1", agents: ["agent of l1", "agent of l2"], askedOf: ["csu-room-chief", "police-director"] });
  });

  test("that another word covers meanwhile, and what is given, are asked no more", () => {
    expect(requestRows([word()], [lease({ mine: false })])).toEqual([]);
    expect(requestRows([word()], [])).toEqual([]);
    expect(requestRows([word({ state: "given" })], [asked("l1")])).toEqual([]);
  });

  test("say whether one's own word counts, and whether the deputies are asked by now", () => {
    expect(requestRows([word({ yours: false, deputies: true })], [asked("l1")])[0]).toMatchObject({ yours: false, deputies: true });
    expect(requestRows([word()], [asked("l1")])[0]).toMatchObject({ yours: true, deputies: false });
  });

  test("are answered by a key only once they have stood long enough to be read, the one in hand before the first", () => {
    const rows = [{ key: "e1" }, { key: "e2" }];
    expect(answered(rows, null, () => READ_MS)).toEqual({ key: "e1" });
    expect(answered(rows, "e2", () => READ_MS)).toEqual({ key: "e2" });
    expect(answered(rows, "gone", () => READ_MS)).toEqual({ key: "e1" });
    expect(answered(rows, null, () => READ_MS - 1)).toBeNull();
    expect(answered([], null, () => READ_MS)).toBeNull();
  });
});

test("what was given stands in one row an event, or one a camera, and by voice apart until it is confirmed", () => {
  const rows = givenRows([
    word({ state: "given", scope: "event", until: before(-600) }),
    word({ id: "a2", state: "given", scope: "event", camera: "vda-003", until: before(-900) }),
    word({ id: "a3", state: "given", camera: "vda-042", unconfirmed: true }),
    word({ id: "a4" }),
  ]);
  expect(rows.map(({ scope, cameras, unconfirmed }) => [scope, cameras, unconfirmed])).toEqual([["event", ["vda-117", "vda-003"], false], ["camera", ["vda-042"], true]]);
  expect(rows[0]!.untilMs).toBe(Date.parse(before(-900)));
});

test("one key takes back the camera of the row in hand, then of the picture, then the one taken last", () => {
  const held = [lease({ mine: false, since: before(90) }), lease({ id: "l2", camera: "vda-003", mine: false, since: before(10) })];
  expect(takenBack(held, "villeneuve-dascq", "vda-117", "vda-003")).toBe("vda-117");
  expect(takenBack(held, "villeneuve-dascq", null, "vda-117")).toBe("vda-117");
  expect(takenBack(held, "villeneuve-dascq", "vda-200", null)).toBe("vda-003");
  expect(takenBack([asked("l1"), lease({ id: "l9", party: "villeneuve-dascq" })], "villeneuve-dascq", null, null)).toBeNull();
});

test("a supervisor may assign what two others of its own service ask each other for, and nothing else", () => {
  const who = { party: "etat", service: "cic" };
  const holder = lease({ id: "l2", mine: false });
  const asks = asked("l1");
  expect(disputes([holder, asks], [], who)).toEqual([{ asker: asks, holder }]);
  expect(disputes([holder, asks], [word({ lease: "l1" })], who), "it waits for the owner").toEqual([]);
  expect(disputes([{ ...holder, mine: true }, asks], [], who), "it is one's own to answer").toEqual([]);
  expect(disputes([{ ...holder, service: "srpj" }, asks], [], who)).toEqual([]);
  expect(disputes([asks], [], who)).toEqual([]);
});
