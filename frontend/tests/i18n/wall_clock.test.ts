import { describe, expect, test } from "vitest";
import { instantOf, typedOf } from "../../src/i18n/wall_clock";

describe("a time typed on a screen is Paris time", () => {
  test("in winter and in summer", () => {
    expect(instantOf("2026-01-10T23:30")).toBe("2026-01-10T23:30:00+01:00");
    expect(instantOf("2026-07-14T22:00")).toBe("2026-07-14T22:00:00+02:00");
  });

  test("an hour that comes twice is the first of the two", () => {
    expect(instantOf("2026-10-25T02:30")).toBe("2026-10-25T02:30:00+02:00");
    expect(instantOf("2026-10-25T03:00")).toBe("2026-10-25T03:00:00+01:00");
  });

  test("an hour that never comes is the one that the clock shows instead", () => {
    expect(instantOf("2026-03-29T02:30")).toBe("2026-03-29T03:30:00+02:00");
  });

  test("and back", () => {
    expect(typedOf(Date.parse("2026-07-14T20:00:00Z"))).toBe("2026-07-14T22:00");
    expect(instantOf("demain")).toBeNull();
  });
});
