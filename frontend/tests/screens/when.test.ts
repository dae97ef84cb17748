import { describe, expect, test } from "vitest";
import { dayTyped, instantTyped, lastHour, shownTyped, today, tonight } from "../../src/screens/journal/when";

const at = (typed: string) => Date.parse(typed);
/** 26 November 2026, 00:20 in Paris. */
const NOW = at("2026-11-25T23:20:00Z");

describe("a time as it is typed", () => {
  test.each([
    ["14/07/2026 22:00", "2026-07-14T22:00:00+02:00"],
    ["14/7/2026 22h", "2026-07-14T22:00:00+02:00"],
    ["14.07.2026 22h05", "2026-07-14T22:05:00+02:00"],
    ["14/07/2026", "2026-07-14T00:00:00+02:00"],
    ["2026-07-14 22:00", "2026-07-14T22:00:00+02:00"],
    ["2026-07-14T22:00:30", "2026-07-14T22:00:30+02:00"],
    ["14/07/2026 24:00", "2026-07-15T00:00:00+02:00"],
    // The year that is not said is the last one that had this day.
    ["14/07 22:00", "2026-07-14T22:00:00+02:00"],
    ["14/12 22:00", "2025-12-14T22:00:00+01:00"],
    // The day that is not said is the last one that had this hour.
    ["00:10", "2026-11-26T00:10:00+01:00"],
    ["22:15", "2026-11-25T22:15:00+01:00"],
    ["9h", "2026-11-25T09:00:00+01:00"],
  ])("%s", (typed, expected) => expect(instantTyped(typed, NOW)).toBe(expected));

  test("where it lies ahead, the next of its name", () => {
    expect(instantTyped("22:15", NOW, "next")).toBe("2026-11-26T22:15:00+01:00");
    expect(instantTyped("00:10", NOW, "next")).toBe("2026-11-27T00:10:00+01:00");
    expect(dayTyped("14/07", NOW, "next")).toBe("2027-07-14");
    expect(dayTyped("26/11", NOW, "next")).toBe("2026-11-26");
    expect(dayTyped("31/06/2026", NOW)).toBeNull();
  });

  test.each(["", "hier", "31/06/2026", "32/01/2026 10:00", "14/13/2026", "25:00", "24:30", "14/07/2026 22:61", "14/07 22:00 x", "22"])(
    "%s is none",
    (typed) => expect(instantTyped(typed, NOW)).toBeNull(),
  );

  test("what a field shows is read back as the same minute", () => {
    expect(shownTyped(NOW)).toBe("26/11/2026 00:20");
    expect(instantTyped(shownTyped(NOW), NOW)).toBe("2026-11-26T00:20:00+01:00");
  });
});

describe("the times asked for most", () => {
  test("the last hour", () => expect(lastHour(NOW)).toEqual({ from: "25/11/2026 23:20", to: "" }));
  test("today", () => expect(today(NOW)).toEqual({ from: "26/11/2026 00:00", to: "" }));
  test("the night that runs", () => expect(tonight(NOW)).toEqual({ from: "25/11/2026 20:00", to: "" }));
  test("the evening's own night", () => expect(tonight(at("2026-11-26T20:30:00Z"))).toEqual({ from: "26/11/2026 20:00", to: "" }));
  test("by day, the last one", () =>
    expect(tonight(at("2026-11-26T14:00:00Z"))).toEqual({ from: "25/11/2026 20:00", to: "26/11/2026 08:00" }));
});
