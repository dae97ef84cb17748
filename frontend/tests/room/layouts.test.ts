import { expect, test } from "vitest";
import { KEPT_AT_FIRST, readKept, withNamed } from "../../src/room/layouts";

test("what a station kept comes back as it was", () => {
  const kept = withNamed({ ...KEPT_AT_FIRST, places: 8, letters: "off" }, 1, { name: "Stade", places: 8, cameras: ["vda-088", null, "vda-104"] });
  expect(readKept(JSON.parse(JSON.stringify(kept)) as Record<string, unknown>)).toEqual(kept);
});

test("what an older screen kept, or nobody, is as at first where it is not understood", () => {
  expect(readKept({})).toEqual(KEPT_AT_FIRST);
  expect(readKept({ places: 8, cells: [1, 0, 2, 3, 4, 5, 6, 7] })).toEqual({ ...KEPT_AT_FIRST, places: 8 });
  expect(readKept({ places: 5, named: [{ name: " ", places: 4, cameras: [] }, 7, { name: "x", places: 4, cameras: [3, "vda-001"] }, null], letters: "loud" })).toEqual({
    ...KEPT_AT_FIRST, named: [null, null, { name: "x", places: 4, cameras: [null, "vda-001"] }],
  });
});
