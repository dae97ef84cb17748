import { expect, test } from "vitest";
import { together } from "../../src/screens/convention/orders";

const order = (camera: string, authorised_until: string, standing: "ending" | "over", confirmed = false) =>
  ({ camera, authorised_until, standing, confirmed, alarm_months: null });

test("orders of one day are one line, the soonest first, and a confirmed one stands apart", () => {
  const lines = together([
    order("vda-003", "2031-12-02", "ending"), order("vda-001", "2031-01-05", "over"),
    order("vda-004", "2031-12-02", "ending"), order("vda-002", "2031-01-05", "over", true),
  ]);
  expect(lines.map(({ until, cameras, confirmed }) => [until, cameras, confirmed])).toEqual([
    ["2031-01-05", ["vda-001"], false],
    ["2031-01-05", ["vda-002"], true],
    ["2031-12-02", ["vda-003", "vda-004"], false],
  ]);
});
