import { describe, expect, test } from "vitest";
import { Outages, stillLost } from "../../src/room/outages";

const sectors = { sectorOf: (camera: string) => (camera.startsWith("b") ? "Bourg" : "Lac"), count: (sector: string) => (sector === "Bourg" ? 22 : 3) };
const fourteen = Array.from({ length: 14 }, (_, n) => `b${n}`);

function town(...cameras: string[]): Outages {
  const outages = new Outages(sectors);
  outages.begin(new Map(cameras.map((camera) => [camera, "ok" as const])));
  return outages;
}

describe("an outage", () => {
  test("of fourteen cameras is one, however they follow each other", () => {
    const outages = town(...fourteen);
    fourteen.forEach((camera, n) => outages.hear(camera, "lost", n * 200));
    const [first] = outages.settle(5_000);
    const [whole] = outages.settle(9_000);
    expect(first).toMatchObject({ sector: "Bourg", of: 22, cameras: { length: 1 } });
    expect(whole).toMatchObject({ id: first!.id, cameras: { length: 14 }, beganAtMs: 0 });
    expect(outages.settle(9_100)).toEqual([]);
  });

  test("is written on when its cameras come back, and stays one line", () => {
    const outages = town(...fourteen);
    for (const camera of fourteen) outages.hear(camera, "lost", 0);
    const [lost] = outages.settle(5_000);
    for (const camera of fourteen) outages.hear(camera, "ok", 60_000);
    const [back] = outages.settle(65_000);
    expect(back!.id).toBe(lost!.id);
    expect(stillLost(back!)).toEqual([]);
    expect(back!.cameras.every(({ lostAtMs, backAtMs }) => lostAtMs === 0 && backAtMs === 60_000)).toBe(true);
  });

  test("shorter than five seconds is none", () => {
    const outages = town("b1");
    outages.hear("b1", "lost", 0);
    outages.hear("b1", "ok", 4_900);
    expect(outages.settle(20_000)).toEqual([]);
  });

  test("of a camera that flickers is told once in ten minutes", () => {
    const outages = town("b1");
    const ids = new Set<number>();
    for (let at = 0; at < 500_000; at += 20_000) {
      outages.hear("b1", "lost", at);
      for (const { id } of outages.settle(at + 6_000)) ids.add(id);
      outages.hear("b1", "ok", at + 10_000);
      for (const { id } of outages.settle(at + 16_000)) ids.add(id);
    }
    expect(ids.size).toBe(1);
    outages.hear("b1", "lost", 900_000);
    expect(outages.settle(906_000)[0]).toMatchObject({ beganAtMs: 900_000 });
  });

  test("of another sector is another", () => {
    const outages = town("b1", "l1");
    outages.hear("b1", "lost", 0);
    outages.hear("l1", "lost", 0);
    expect(outages.settle(5_000).map(({ sector }) => sector).sort()).toEqual(["Bourg", "Lac"]);
  });

  test("that began before the screen was opened is told by its end alone", () => {
    const outages = new Outages(sectors);
    outages.begin(new Map([["b1", "lost"]]));
    expect(outages.settle(60_000)).toEqual([]);
    outages.hear("b1", "ok", 60_000);
    expect(outages.settle(65_000)[0]?.cameras).toEqual([{ camera: "b1", lostAtMs: null, backAtMs: 60_000, cause: null }]);
  });

  test("says why, and says it anew where a camera that is lost still turns out to be lost for another reason", () => {
    const outages = town("b1");
    outages.hear("b1", "lost", 0, "closed");
    expect(outages.settle(5_000)[0]?.cameras[0]?.cause).toBe("closed");
    expect(outages.settle(6_000)).toEqual([]);
    outages.hear("b1", "lost", 20_000, "wrong-password");
    const [changed] = outages.settle(20_100);
    expect(changed).toMatchObject({ id: 1, cameras: [{ camera: "b1", lostAtMs: 0, cause: "wrong-password" }] });
    expect(outages.settle(20_200)).toEqual([]);
  });
});
