import { describe, expect, test } from "vitest";
import { commandOf, type Place } from "../../src/room/keys";

const bare: Place = { typing: false, inNumber: false, panel: "none", number: "", swap: false, onControl: false, onMap: false };
const press = (key: string, place: Partial<Place> = {}, ctrl = false) =>
  commandOf({ key, ctrl, alt: false, shift: false, meta: false }, { ...bare, ...place });

describe("a camera's number", () => {
  test("is typed from anywhere, and Enter opens it even from a button", () => {
    expect(press("4", { onControl: true })).toEqual({ do: "digit", digit: "4" });
    expect(press("4", { onMap: true })).toEqual({ do: "digit", digit: "4" });
    expect(press("Enter", { number: "412", onControl: true })).toEqual({ do: "openNumber" });
    expect(press("Backspace", { number: "41" })).toEqual({ do: "erase" });
  });

  test("is left to its own field, and to any other text field", () => {
    expect(press("4", { inNumber: true })).toBeNull();
    expect(press("4", { typing: true })).toBeNull();
    expect(press("Enter", { typing: true, number: "41" })).toBeNull();
  });
});

describe("the kind of an event", () => {
  test("is one key, 1 to 6, while the kinds stand there", () => {
    expect(press("F2")).toEqual({ do: "kinds" });
    expect(press("1", { panel: "kinds" })).toEqual({ do: "kind", index: 0 });
    expect(press("6", { panel: "kinds" })).toEqual({ do: "kind", index: 5 });
    expect(press("7", { panel: "kinds" })).toBeNull();
    expect(press("0", { panel: "kinds" })).toBeNull();
  });

  test("is not chosen by a digit of the motive", () => {
    expect(press("1", { panel: "kinds", typing: true })).toBeNull();
  });
});

describe("a refusal", () => {
  test("offers E only where a swap is offered", () => {
    expect(press("e", { panel: "refusal", swap: true })).toEqual({ do: "swap" });
    expect(press("E", { panel: "refusal", swap: true, inNumber: true })).toEqual({ do: "swap" });
    expect(press("e", { panel: "refusal" })).toBeNull();
    expect(press("e")).toBeNull();
  });

  test("lets the next number be typed over it", () => {
    expect(press("9", { panel: "refusal", swap: true })).toEqual({ do: "digit", digit: "9" });
  });
});

test("Ctrl K searches from everywhere but a dialogue", () => {
  expect(press("k", { typing: true }, true)).toEqual({ do: "search" });
  expect(press("k", { panel: "dialog" }, true)).toBeNull();
  expect(press("c", {}, true)).toBeNull();
});

test("a dialogue keeps its keys", () => {
  for (const key of ["F2", "Escape", "1", "Enter", "Delete", "s"]) expect(press(key, { panel: "dialog" })).toBeNull();
});

test("arrows choose a tile, unless the map has them", () => {
  expect(press("ArrowRight")).toEqual({ do: "move", by: 1 });
  expect(press("ArrowLeft")).toEqual({ do: "move", by: -1 });
  expect(press("ArrowRight", { onMap: true })).toBeNull();
});

test("Delete closes the chosen tile, and a word being typed is spared", () => {
  expect(press("Delete")).toEqual({ do: "closeTile" });
  expect(press("Delete", { typing: true })).toBeNull();
});

describe("what stands over the room", () => {
  test("has a function key each, also while words are being typed", () => {
    for (const [key, act] of [["F1", "convention"], ["F3", "menu"], ["F9", "relief"], ["F10", "handover"]] as const) {
      expect(press(key)).toEqual({ do: act });
      expect(press(key, { typing: true })).toEqual({ do: act });
    }
  });

  test("steering, stations and the blank wall are a letter, never within a word", () => {
    for (const [key, act] of [["p", "steer"], ["t", "stations"], ["b", "blank"]] as const) {
      expect(press(key)).toEqual({ do: act });
      expect(press(key, { typing: true })).toBeNull();
      expect(press(key, { panel: "dialog" })).toBeNull();
    }
  });
});

test("F12 blanks the wall from everywhere, a dialogue or a word included", () => {
  expect(press("F12")).toEqual({ do: "blank" });
  expect(press("F12", { panel: "dialog", typing: true })).toEqual({ do: "blank" });
  expect(press("F12", {}, true)).toBeNull();
});
