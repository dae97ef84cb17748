import { expect, test } from "vitest";
import { Link } from "../../src/room/link";

test("a link that is back within two seconds was never missed", () => {
  const link = new Link(0);
  link.cut(1_000);
  expect(link.lostSince(2_900)).toBeNull();
  link.heard(2_950);
  expect(link.lostSince(3_100)).toBeNull();
});

test("a link that stays down is told since the node was last heard, however often it is tried anew", () => {
  const link = new Link(0);
  link.heard(5_000);
  for (const at of [5_400, 6_400, 7_400, 8_400]) link.cut(at);
  expect(link.lostSince(7_300)).toBeNull();
  expect(link.lostSince(7_400)).toBe(5_000);
  expect(link.lostSince(60_000)).toBe(5_000);
  link.heard(60_100);
  expect(link.lostSince(60_100)).toBeNull();
});

test("a node that hangs is lost after seven seconds of silence, although its link stands", () => {
  const link = new Link(0);
  link.heard(5_000);
  expect(link.lostSince(12_000)).toBeNull();
  expect(link.lostSince(12_001)).toBe(5_000);
});
