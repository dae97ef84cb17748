import { describe, expect, test } from "vitest";
import { commandOf, type Place } from "../../src/room/keys";

const bare: Place = { typing: false, inNumber: false, panel: "none", number: "", swap: false, onControl: false, onMap: false };
const press = (key: string, place: Partial<Place> = {}, ctrl = false, shift = false) =>
  commandOf({ key, ctrl, alt: false, shift, meta: false }, { ...bare, ...place });

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
  test("is one letter, A to F, while the kinds stand there", () => {
    expect(press("F2")).toEqual({ do: "kinds" });
    expect(press("a", { panel: "kinds" })).toEqual({ do: "kind", index: 0 });
    expect(press("F", { panel: "kinds", onMap: true })).toEqual({ do: "kind", index: 5 });
    expect(press("b", { panel: "kinds" })).toEqual({ do: "kind", index: 1 });
  });

  test("is asked for by N, and the letters after the kinds join what others opened", () => {
    expect(press("n")).toEqual({ do: "newEvent" });
    expect(press("n", { typing: true })).toBeNull();
    expect(press("g", { panel: "kinds" })).toEqual({ do: "join", index: 0 });
    expect(press("i", { panel: "kinds" })).toEqual({ do: "join", index: 2 });
  });

  test("is reached by the arrows too, also where letters are no keys", () => {
    expect(press("a", { panel: "kinds", letters: "off" })).toBeNull();
    expect(press("ArrowDown", { panel: "kinds", letters: "off" })).toEqual({ do: "walk", by: 1 });
  });

  test("is not chosen by a letter of the motive", () => {
    expect(press("a", { panel: "kinds", typing: true })).toBeNull();
  });
});

describe("digits and Enter", () => {
  const everywhere: Partial<Place>[] = (["none", "event", "kinds", "refusal"] as const).flatMap((panel) => [
    { panel }, { panel, onMap: true }, { panel, onControl: true }, { panel, swap: true }, { panel, retry: true }, { panel, map: "over" }, { panel, letters: "off" },
  ]);

  test("are a camera's number whatever stands there or has the focus", () => {
    for (const place of everywhere) {
      for (const digit of "0123456789") expect(press(digit, place)).toEqual({ do: "digit", digit });
      expect(press("Enter", { ...place, number: "117" })).toEqual({ do: "openNumber" });
    }
  });

  test("stay in a word that is being typed", () => {
    for (const place of everywhere) {
      expect(press("4", { ...place, typing: true })).toBeNull();
      expect(press("Enter", { ...place, typing: true, number: "117" })).toBeNull();
    }
  });
});

describe("a refusal", () => {
  test("offers E only where a swap is offered", () => {
    expect(press("e", { panel: "refusal", swap: true })).toEqual({ do: "swap" });
    expect(press("E", { panel: "refusal", swap: true, inNumber: true })).toEqual({ do: "swap" });
    expect(press("e", { panel: "refusal" })).toBeNull();
    expect(press("e")).toBeNull();
  });

  test("lets another picture be picked by the arrows where a swap is offered, and only there", () => {
    expect(press("ArrowRight", { panel: "refusal", swap: true })).toEqual({ do: "pick", by: 1 });
    expect(press("ArrowLeft", { panel: "refusal", swap: true })).toEqual({ do: "pick", by: -1 });
    expect(press("ArrowLeft", { panel: "refusal" })).toEqual({ do: "move", by: -1 });
  });

  test("is asked for again by Enter once a stream is free", () => {
    expect(press("Enter", { panel: "refusal", retry: true })).toEqual({ do: "retry" });
    expect(press("Enter", { panel: "refusal", retry: true, number: "203" })).toEqual({ do: "openNumber" });
    expect(press("Enter", { panel: "refusal" })).toEqual({ do: "enterTile" });
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

test("a list or a sheet that only tells keeps its keys, but digits are a camera's number over it too", () => {
  for (const onControl of [true, false]) expect(press("4", { panel: "told", onControl })).toEqual({ do: "digit", digit: "4" });
  for (const key of ["F2", "Escape", "Enter", "Delete", "s"]) expect(press(key, { panel: "told", onControl: true })).toBeNull();
  expect(press("k", { panel: "told" }, true)).toBeNull();
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

test("Shift and Delete take away all that has ended", () => {
  expect(press("Delete", {}, false, true)).toEqual({ do: "clearEnded" });
  expect(press("Delete", { typing: true }, false, true)).toBeNull();
});

test("the map has a key where it stands over the wall; elsewhere that key is the browser's", () => {
  expect(press("F5", { map: "over" })).toEqual({ do: "map" });
  expect(press("F5")).toBeNull();
});

describe("a blank wall", () => {
  test("answers what would show something by what to press first", () => {
    for (const key of ["F10", "F1", "F2", "j", "i", "7", "Enter", "s", "ArrowLeft"]) expect(press(key, { blank: true }), key).toEqual({ do: "blankFirst" });
    expect(press("k", { blank: true }, true)).toEqual({ do: "blankFirst" });
  });

  test("is lifted, left and relieved as ever", () => {
    for (const [key, act] of [["F12", "blank"], ["b", "blank"], ["F8", "logout"], ["F9", "relief"], ["F3", "menu"], ["F6", "light"]] as const)
      expect(press(key, { blank: true })).toEqual({ do: act });
  });
});

test("keys of a single letter can be turned off; digits and function keys stay", () => {
  for (const key of ["s", "j", "p", "t", "b", "n", "v", "i", "l"]) expect(press(key, { letters: "off" }), key).toBeNull();
  expect(press("e", { letters: "off", panel: "refusal", swap: true })).toBeNull();
  expect(press("4", { letters: "off" })).toEqual({ do: "digit", digit: "4" });
  expect(press("F12", { letters: "off" })).toEqual({ do: "blank" });
});

describe("while the picture in hand is steered", () => {
  const steering: Partial<Place> = { steering: true };
  const top = (digit: string, place: Partial<Place> = steering) =>
    commandOf({ key: digit, code: `Digit${digit}`, ctrl: false, alt: false, shift: false, meta: false }, { ...bare, ...place });
  const pad = (digit: string) => commandOf({ key: digit, code: `Numpad${digit}`, ctrl: false, alt: false, shift: false, meta: false }, { ...bare, ...steering });

  test("the arrows, plus and minus turn its camera, from a button or the empty number's field too", () => {
    expect(press("ArrowLeft", steering)).toEqual({ do: "turn", turn: "left" });
    expect(press("+", { ...steering, onControl: true })).toEqual({ do: "turn", turn: "in" });
    expect(press("ArrowUp", { ...steering, inNumber: true })).toEqual({ do: "turn", turn: "up" });
    expect(press("ArrowLeft")).toEqual({ do: "move", by: -1 });
  });

  test("Shift and an arrow choose another picture", () => {
    expect(press("ArrowRight", steering, false, true)).toEqual({ do: "move", by: 1 });
  });

  test("the digits above the letters are its presets whatever is printed on them; the numeric pad is a camera's number", () => {
    expect(top("3")).toEqual({ do: "preset", preset: 3 });
    expect(commandOf({ key: "&", code: "Digit1", ctrl: false, alt: false, shift: false, meta: false }, { ...bare, ...steering })).toEqual({ do: "preset", preset: 1 });
    expect(pad("3")).toEqual({ do: "digit", digit: "3" });
    expect(top("3", {})).toEqual({ do: "digit", digit: "3" });
  });

  test("a number that was begun is typed to its end", () => {
    expect(top("7", { ...steering, number: "11" })).toEqual({ do: "digit", digit: "7" });
    expect(press("Enter", { ...steering, number: "117" })).toEqual({ do: "openNumber" });
    expect(top("7", { ...steering, inNumber: true })).toBeNull();
  });

  test("words that are typed, kinds, a swap, the map and a blank wall keep their keys", () => {
    expect(press("ArrowLeft", { ...steering, typing: true })).toBeNull();
    expect(press("ArrowDown", { ...steering, panel: "kinds" })).toEqual({ do: "walk", by: 1 });
    expect(press("ArrowRight", { ...steering, panel: "refusal", swap: true })).toEqual({ do: "pick", by: 1 });
    expect(press("ArrowRight", { ...steering, onMap: true })).toBeNull();
    expect(press("ArrowRight", { ...steering, blank: true })).toEqual({ do: "blankFirst" });
  });

  test("a colleague who asks is answered by one letter", () => {
    expect(["o", "k", "m"].map((key) => press(key, { ...steering, colleague: true }))).toEqual(["yes", "no", "more"].map((answer) => ({ do: "answerColleague", answer })));
    expect(press("k", steering)).toBeNull();
  });
});

describe("a partner's request", () => {
  test("is answered by one letter where one stands, and what was given is taken back by another", () => {
    const asked: Partial<Place> = { requests: "asked" };
    expect(["o", "n", "r", "v", "x"].map((key) => press(key, asked))).toEqual(["grant", "refuse", "oral", "watch", "withdraw"].map((which) => ({ do: "request", which })));
    expect(press("x", { requests: "given" })).toEqual({ do: "request", which: "withdraw" });
    expect(press("a", { disputes: true, requests: "asked" })).toEqual({ do: "assign", to: "asker" });
    expect(press("A", { disputes: true }, false, true)).toEqual({ do: "assign", to: "holder" });
    expect(press("a")).toBeNull();
    expect(press("X", { requests: "given" }, false, true)).toEqual({ do: "request", which: "withdrawForCrew" });
    expect(press("o", { requests: "given" })).toBeNull();
    expect(press("x", { requests: "none" })).toBeNull();
    expect(press("n", {})).toEqual({ do: "newEvent" });
  });

  test("is answered by no letter of a word that is typed, nor where letters are no keys, nor before a blank wall", () => {
    expect(press("o", { requests: "asked", typing: true })).toBeNull();
    expect(press("o", { requests: "asked", letters: "off" })).toBeNull();
    expect(press("o", { requests: "asked", blank: true })).toEqual({ do: "blankFirst" });
  });
});

test("one key takes a camera back, one marks a crew, one leaves a camera where it looks", () => {
  expect(["c", "g", "h", "r"].map((key) => press(key))).toEqual(["takeBack", "crew", "stayAway", "renewSteering"].map((what) => ({ do: what })));
});

test("D asks the owner's room to look, and there goes on with what is asked; K declines it where one stands", () => {
  expect(press("d")).toEqual({ do: "look", which: "forward" });
  expect(press("k", { looks: true })).toEqual({ do: "look", which: "decline" });
  expect(press("k", { looks: true, steering: true, colleague: true })).toEqual({ do: "answerColleague", answer: "no" });
});
