import { expect, test } from "vitest";
import { EventReader } from "../../src/api/event_reader";

const said = 'event: clock\ndata: {"now": 1}\n\n: still here\n\nevent: ended\r\ndata: {"a":\r\ndata: 2}\r\n\r\ndata: bare\n\n';
const meant = [
  { event: "clock", data: '{"now": 1}' },
  { event: "ended", data: '{"a":\n2}' },
  { event: "message", data: "bare" },
];

test("events are read whole, comments left out", () => {
  expect(new EventReader().read(said)).toEqual(meant);
});

test("events are the same wherever the network cuts them", () => {
  for (let cut = 0; cut <= said.length; cut++) {
    const reader = new EventReader();
    expect([...reader.read(said.slice(0, cut)), ...reader.read(said.slice(cut))]).toEqual(meant);
  }
});

test("an event that is not finished waits", () => {
  expect(new EventReader().read("event: clock\ndata: 1\n")).toEqual([]);
});
