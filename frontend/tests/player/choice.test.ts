import { expect, test } from "vitest";
import { Choice, Machine } from "../../src/player/choice";
import type { EngineKind } from "../../src/player/engine";

const H264 = "avc1.42c01e";
const H265 = "hvc1.1.6.L93.B0";
const all = () => true;

test("the best engine that this browser has is taken", () => {
  expect(new Choice(new Machine(), all).of(H264)).toBe("webcodecs");
  expect(new Choice(new Machine(), (kind) => kind !== "webcodecs").of(H264)).toBe("mse");
  expect(new Choice(new Machine(), () => false).of(H264)).toBeNull();
});

test("an engine that never showed a codec on this machine is tried by no tile again, for that codec alone", () => {
  const machine = new Machine();
  const [one, other] = [new Choice(machine, all), new Choice(machine, all)];
  one.of(H265);
  one.failed("webcodecs", 0);
  expect([one.of(H265), other.of(H265), other.of(H264)]).toEqual(["mse", "mse", "webcodecs"]);
});

test("a camera that no engine shows takes none from the tiles that it is shown on", () => {
  const machine = new Machine();
  const [good, bad] = [new Choice(machine, all), new Choice(machine, all)];
  for (const kind of ["webcodecs", "mse", "stills"] as EngineKind[]) {
    good.of(H264);
    good.shown(kind);
    bad.of(H264);
    bad.failed(kind, 0);
  }
  expect([bad.of(H264), good.of(H264), new Choice(machine, all).of(H264)]).toEqual([null, "webcodecs", "webcodecs"]);
  expect(bad.mayRecover).toBe(true);
  bad.forgive();
  expect(bad.of(H264)).toBe("webcodecs");
});

test("a camera whose pictures no browser begins with says nothing of the machine", () => {
  const machine = new Machine();
  const odd = new Choice(machine, all);
  odd.of(H264);
  odd.failed("webcodecs", 0, true);
  expect([odd.of(H264), new Choice(machine, all).of(H264)]).toEqual(["mse", "webcodecs"]);
  machine.shown("webcodecs", H264);
  expect(odd.mayRecover).toBe(false);
});

test("an engine that showed pictures is taken again after an accident, and left after three in a minute", () => {
  const choice = new Choice(new Machine(), all);
  const accident = (atMs: number) => {
    choice.failed("webcodecs", atMs);
    return choice.of(H264);
  };
  choice.of(H264);
  choice.shown("webcodecs");
  expect([accident(0), accident(30_000), accident(61_000), accident(89_000)]).toEqual(["webcodecs", "webcodecs", "webcodecs", "mse"]);
  // It does not go back and forth.
  choice.shown("mse");
  expect([choice.of(H264), (choice.failed("mse", 200_000), choice.of(H264))]).toEqual(["mse", "mse"]);
});

test("a camera that changes to a codec that no engine shows ends with none, although pictures were shown before", () => {
  const choice = new Choice(new Machine(), all);
  choice.of(H264);
  choice.shown("webcodecs");
  const tried: (EngineKind | null)[] = [];
  for (let kind = choice.of(H265); kind !== null; kind = choice.of(H265)) {
    tried.push(kind);
    choice.failed(kind, 0);
  }
  expect([tried, choice.mayRecover]).toEqual([["webcodecs", "mse", "stills"], false]);
  expect(choice.of(H264)).toBe("webcodecs");
});
