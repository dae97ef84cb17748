import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Lateness } from "../../src/steering/lateness";
import { SteeringSocket, type Socket } from "../../src/steering/socket";

const move = { say: "move", velocity: { pan: 0.5, tilt: 0, zoom: 0 } } as const;

class FakeSocket implements Socket {
  readyState = 0;
  bufferedAmount = 0;
  sent: Record<string, number>[] = [];
  closed = false;
  onmessage: Socket["onmessage"] = null;
  onclose: Socket["onclose"] = null;
  send(text: unknown) { this.sent.push(JSON.parse(String(text)) as Record<string, number>); }
  close() { this.closed = true; }
  tell(told: object) { this.readyState = 1; this.onmessage?.({ data: JSON.stringify(told) } as MessageEvent); }
  end(code: number) { this.readyState = 3; this.onclose?.({ code } as CloseEvent); }
}

let sockets: FakeSocket[];
let late: number[];
let over: number;
let socket: SteeringSocket;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  [sockets, late, over] = [[], [], 0];
  socket = new SteeringSocket(() => { const made = new FakeSocket(); sockets.push(made); return made; }, { handed: (ms) => late.push(ms), over: () => (over += 1) });
});

afterEach(() => vi.useRealTimers());

describe("a movement over the socket", () => {
  test("waits for the server's fence, then bears it, with a number that rises", () => {
    expect(socket.say(move)).toBe(false);
    sockets[0]!.tell({ fence: 7, camera: "vda-117", repeat_ms: 150, stops_after_ms: 500 });
    expect(socket.say(move)).toBe(true);
    socket.say({ say: "stop" });
    expect(sockets[0]!.sent).toEqual([{ fence: 7, seq: 1, pan: 0.5, tilt: 0, zoom: 0 }, { fence: 7, seq: 2, pan: 0, tilt: 0, zoom: 0 }]);
  });

  test("is left out where the link takes nothing more; a stop never is", () => {
    sockets[0]!.tell({ fence: 7 });
    sockets[0]!.bufferedAmount = 80;
    expect(socket.say(move)).toBe(true);
    socket.say({ say: "stop" });
    expect(sockets[0]!.sent.map(({ pan }) => pan)).toEqual([0]);
  });

  test("tells how late it was handed to the camera", () => {
    sockets[0]!.tell({ fence: 7 });
    socket.say(move);
    vi.advanceTimersByTime(120);
    sockets[0]!.tell({ seq: 1 });
    expect(late).toEqual([120]);
  });
});

test("a lost socket is opened again, three times at most, with the fence that it is then told", () => {
  sockets[0]!.tell({ fence: 7 });
  sockets[0]!.end(1006);
  expect(socket.say(move)).toBe(false);
  vi.advanceTimersByTime(1_000);
  sockets[1]!.tell({ fence: 8 });
  socket.say(move);
  expect(sockets[1]!.sent[0]).toMatchObject({ fence: 8 });
  for (let times = 0; times < 8; times++) {
    sockets.at(-1)!.end(1006);
    vi.advanceTimersByTime(1_000);
  }
  expect(sockets.length).toBeLessThanOrEqual(5);
});

test("a right that is over is told once, and its socket stays closed", () => {
  sockets[0]!.tell({ fence: 7 });
  sockets[0]!.end(4409);
  vi.advanceTimersByTime(5_000);
  expect([over, sockets.length]).toEqual([1, 1]);
});

test("a hand that leaves closes it and opens none", () => {
  socket.close();
  expect(sockets[0]!.closed).toBe(true);
  sockets[0]!.end(1000);
  vi.advanceTimersByTime(5_000);
  expect([over, sockets.length]).toEqual([0, 1]);
});

test("three movements in a row that come after 400 ms leave points and presets alone, and the hand is tried again after 10 s", () => {
  const lateness = new Lateness();
  for (const ms of [500, 500, 100, 500, 500]) lateness.take(ms, 0);
  expect(lateness.slow(0)).toBe(false);
  lateness.take(450, 1_000);
  expect(lateness.slow(2_000)).toBe(true);
  expect(lateness.slow(11_500)).toBe(false);
  lateness.take(80, 12_000);
  expect(lateness.slow(12_000)).toBe(false);
});
