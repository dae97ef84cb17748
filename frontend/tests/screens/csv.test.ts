import { expect, test } from "vitest";
import { cell, csv } from "../../src/screens/journal/csv";

test.each(["=1+1", "+33 3", "-2", "@SUM(A1)", "\tx", "\rx"])("no cell is a formula: %j", (text) => {
  expect(cell(text).replace(/^"/, "")).toMatch(/^'/);
});

test("a cell with a separator, a quote or a line is quoted", () => {
  expect(cell('rue "Haute", 3')).toBe('"rue ""Haute"", 3"');
  expect(cell("=a,b")).toBe(`"'=a,b"`);
  expect(cell("Flers bourg")).toBe("Flers bourg");
});

test("a file has a line a record", () => {
  expect(csv([["quand", "fait"], ["22:00", "-"]])).toBe("\u{feff}quand,fait\r\n22:00,'-\r\n");
});
