import { expect, test } from "vitest";
import { causeStands, CauseWatch, weightOf, type Standing } from "../../src/room/ends";

const now = (change: Partial<Standing> = {}): Standing => ({ suspended: false, withdrawn: false, slotsFull: false, ...change });

test("an end that one's own side wanted is no alarm; one that was done to it is", () => {
  expect((["event-closed", "replaced", "session-ended"] as const).map(weightOf)).toEqual(Array(3).fill("ordinary"));
  expect((["suspended", "pre-empted", "authorisation-withdrawn", "not-habilitated"] as const).map(weightOf)).toEqual(Array(4).fill("grave"));
});

test("what the node tells says whether the cause still stands; of the others nothing is guessed", () => {
  expect(causeStands("suspended", now({ suspended: true }))).toBe(true);
  expect(causeStands("authorisation-withdrawn", now())).toBe(false);
  expect(causeStands("pre-empted", now({ slotsFull: true }))).toBe(true);
  expect(causeStands("not-habilitated", now())).toBeNull();
});

test("a cause is gone only once it was seen to stand, and stands again when it comes again", () => {
  const watch = new CauseWatch();
  expect(watch.take(false, 1)).toBeNull();
  expect(watch.take(true, 2)).toBeNull();
  expect(watch.take(false, 3)).toBe(3);
  expect(watch.take(false, 9)).toBe(3);
  expect(watch.take(true, 10)).toBeNull();
  expect(watch.take(null, 11)).toBeNull();
});
