import { expect, test } from "vitest";
import { reaches } from "../../src/room/density";
import { sessionStage } from "../../src/room/session_end";

test("a picture of 1,920 pixels through 60° identifies up to 6.7 m and monitors up to 133 m", () => {
  const found = Object.fromEntries(reaches(1_920, 60).map(({ grade, metres }) => [grade, Math.round(metres * 10) / 10]));
  expect(found).toEqual({ identify: 6.7, recognise: 13.3, observe: 26.6, detect: 66.5, monitor: 133 });
});

test("of a lens without a width on the ground nothing is said", () => {
  expect(reaches(1_920, 180)).toEqual([]);
  expect(reaches(1_920, 0)).toEqual([]);
});

test("a session's end is told an hour before, and in amber a quarter of an hour before", () => {
  const at = (minutes: number) => sessionStage(minutes * 60_000, 0);
  expect([61, 60, 16, 15, 1, 0].map(at)).toEqual(["far", "told", "told", "near", "near", "over"]);
});
