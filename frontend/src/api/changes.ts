/**
 * What the node says by itself (server-sent events): one connection a browser, made again when it breaks. Read with
 * `fetch` rather than EventSource, which can name no language and tells a lost session from a lost link only by silence.
 */
import type { CameraState, Ended, Language, OperationalEvent, Streams } from "./types";

const AGAIN_AFTER_MS = 1_000;
/** The node tells its clock every 5 s: a link silent for longer is lost. */
const SILENT_MS_MAX = 12_000;

export interface Changes {
  streams(streams: Streams): void;
  events(events: OperationalEvent[]): void;
  cameras(states: { id: string; state: CameraState }[]): void;
  ended(ended: Ended): void;
  clock(nowUnixMs: number): void;
  link(up: boolean): void;
  signedOut(): void;
}

export interface Told {
  event: string;
  data: string;
}

/** Splits a stream of text into server-sent events. */
export class EventReader {
  #rest = "";
  #event = "message";
  #data: string[] = [];

  read(text: string): Told[] {
    const told: Told[] = [];
    this.#rest += text;
    for (;;) {
      const end = this.#rest.search(/\r\n|\n|\r(?!$)/);
      if (end < 0) return told;
      const line = this.#rest.slice(0, end);
      this.#rest = this.#rest.slice(end + (this.#rest.startsWith("\r\n", end) ? 2 : 1));
      if (line === "") {
        if (this.#data.length) told.push({ event: this.#event, data: this.#data.join("\n") });
        this.#event = "message";
        this.#data = [];
        continue;
      }
      const colon = line.indexOf(":");
      const field = colon < 0 ? line : line.slice(0, colon);
      const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
      if (field === "event") this.#event = value;
      else if (field === "data") this.#data.push(value);
    }
  }
}

/** Listen until the returned function is called. `language` is asked at each connection. */
export function listen(language: () => Language, changes: Changes): () => void {
  let stopped = false;
  let current: AbortController | null = null;

  function tell({ event, data }: Told): void {
    switch (event) {
      case "streams": return changes.streams(JSON.parse(data) as Streams);
      case "events": return changes.events((JSON.parse(data) as { items: OperationalEvent[] }).items);
      case "cameras": return changes.cameras((JSON.parse(data) as { items: { id: string; state: CameraState }[] }).items);
      case "ended": return changes.ended(JSON.parse(data) as Ended);
      case "clock": return changes.clock(Date.parse((JSON.parse(data) as { now: string }).now));
    }
  }

  async function once(): Promise<void> {
    const abort = (current = new AbortController());
    const response = await fetch("/api/v1/changes", {
      headers: { Accept: "text/event-stream", "Accept-Language": language() },
      cache: "no-store",
      signal: abort.signal,
    });
    if (response.status === 401) {
      stopped = true;
      return changes.signedOut();
    }
    if (!response.ok || !response.body) return;
    changes.link(true);
    const reader = new EventReader();
    const decoder = new TextDecoder();
    let silent = setTimeout(() => abort.abort(), SILENT_MS_MAX);
    try {
      for await (const bytes of chunksOf(response.body)) {
        clearTimeout(silent);
        silent = setTimeout(() => abort.abort(), SILENT_MS_MAX);
        for (const told of reader.read(decoder.decode(bytes, { stream: true }))) tell(told);
      }
    } finally {
      clearTimeout(silent);
    }
  }

  async function follow(): Promise<void> {
    while (!stopped) {
      await once().catch(() => undefined);
      if (stopped) return;
      changes.link(false);
      await new Promise((resolve) => setTimeout(resolve, AGAIN_AFTER_MS));
    }
  }

  void follow();
  return () => {
    stopped = true;
    current?.abort();
  };
}

async function* chunksOf(body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    yield value;
  }
}
