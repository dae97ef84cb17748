import { describe, expect, test } from "vitest";
import { afterClosing, isRepaired, readClosing, waitMs } from "../../src/player/closing";

describe("the end of a media socket", () => {
  test("is told by the relay's cause and article", () => {
    expect(readClosing(4403, '{"cause":"suspended","article":"vda-etat:art-3"}')).toEqual({ cause: "suspended", article: "vda-etat:art-3" });
  });

  test("is told by its code where the reason is not ours", () => {
    expect(readClosing(4409, "")).toEqual({ cause: "pre-empted", article: null });
    expect(readClosing(4403, "[1]")).toEqual({ cause: "revoked", article: null });
    expect(readClosing(1006, "<html>")).toEqual({ cause: "socket-lost", article: null });
  });

  test("by revocation or pre-emption asks nothing again", () => {
    expect([4403, 4409].map((code) => afterClosing(code, "expired"))).toEqual(["ended", "ended"]);
    expect([1006, 1001, 4401, 4408, 4410].map((code) => afterClosing(code, "expired"))).toEqual(Array(5).fill("again"));
    expect(afterClosing(4503, "source-lost")).toBe("later");
  });

  test("by another window that took the viewing up asks nothing again: two would fight for ever", () => {
    const { cause } = readClosing(1000, '{"cause": "replaced", "article": null}');
    expect(afterClosing(1000, cause)).toBe("ended");
    expect(afterClosing(1000, readClosing(1000, "").cause)).toBe("again");
  });

  test("is tried again at once, then ever more slowly, five seconds at most", () => {
    expect(waitMs(0, "again")).toBeLessThanOrEqual(200);
    expect(waitMs(3, "again")).toBeGreaterThan(waitMs(2, "again"));
    expect(waitMs(60, "again")).toBe(5_000);
  });

  test("by a cut link is repaired, by a rule is not", () => {
    expect((["socket-lost", "ticket-lapsed", "restart", "unread", "internal", "source-lost"] as const).every(isRepaired)).toBe(true);
    expect((["suspended", "event-closed", "pre-empted", "not-habilitated", "flood"] as const).some(isRepaired)).toBe(false);
  });
});
