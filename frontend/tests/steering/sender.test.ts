import { beforeEach, expect, test } from "vitest";
import type { Answer } from "../../src/api/client";
import type { Velocity } from "../../src/api/types";
import { MovementSender } from "../../src/steering/sender";

const at = (pan: number): Velocity => ({ pan, tilt: 0, zoom: 0 });
const settle = () => new Promise((resolve) => setTimeout(resolve));
const fine: Answer<null> = { ok: true, body: null };
let sent: string[];
let pending: ((answer: Answer<null>) => void)[];
let refused: string[];
let sender: MovementSender;

beforeEach(() => {
  [sent, pending, refused] = [[], [], []];
  sender = new MovementSender(
    {
      move: (lease, { pan }) => (sent.push(`${lease} ${pan}`), new Promise((resolve) => pending.push(resolve))),
      stop: (lease) => (sent.push(`${lease} stop`), Promise.resolve(fine)),
    },
    (lease) => refused.push(lease),
  );
});

test("one movement is on its way at a time, and the newest follows it", async () => {
  for (const pan of [0.1, 0.2, 0.3]) sender.say("l1", { say: "move", velocity: at(pan) });
  expect(sent).toEqual(["l1 0.1"]);
  pending[0]!(fine);
  await settle();
  expect(sent).toEqual(["l1 0.1", "l1 0.3"]);
});

test("a stop waits for nothing, drops what waits, and is said again after a movement that was on its way", async () => {
  for (const pan of [0.1, 0.2]) sender.say("l1", { say: "move", velocity: at(pan) });
  sender.say("l1", { say: "stop" });
  expect(sent).toEqual(["l1 0.1", "l1 stop"]);
  pending[0]!(fine);
  await settle();
  expect(sent).toEqual(["l1 0.1", "l1 stop", "l1 stop"]);
});

test("a movement after a stop is not stopped by what was on its way", async () => {
  sender.say("l1", { say: "move", velocity: at(0.1) });
  sender.say("l1", { say: "stop" });
  sender.say("l1", { say: "move", velocity: at(-0.5) });
  pending[0]!(fine);
  await settle();
  expect(sent).toEqual(["l1 0.1", "l1 stop", "l1 -0.5"]);
});

test("an answer that says no is told with its right", async () => {
  sender.say("l1", { say: "move", velocity: at(0.1) });
  pending[0]!({ ok: false, status: 409, problem: { title: "Pilotage terminé" } });
  await settle();
  expect(refused).toEqual(["l1"]);
});
