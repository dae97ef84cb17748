/**
 * Follows what the node says (server-sent events) in a thread that nothing keeps waiting: each word gets the time at which
 * it really came, which the age of every picture rests on. Read with `fetch` rather than EventSource, which can name no
 * language, and tells a lost session from a lost link only by silence.
 */
import type { FromFollower, ToFollower } from "./changes";
import { EventReader } from "./event_reader";
import type { Language } from "./types";

const AGAIN_AFTER_MS = 1_000;
/** The node tells its clock every 5 s: a link silent for longer is lost, and made anew. */
const SILENT_MS_MAX = 7_000;

declare const self: DedicatedWorkerGlobalScope;

let language: Language = "fr";
let current: AbortController | null = null;
/** The connection is being made again on purpose. */
let changing = false;

function say(message: FromFollower): void {
  self.postMessage(message);
}

/** Follow one connection to its end; return whether another is worth trying. */
async function once(): Promise<boolean> {
  const abort = (current = new AbortController());
  let silent = setTimeout(() => abort.abort(), SILENT_MS_MAX);
  try {
    const response = await fetch("/api/v1/changes", {
      headers: { Accept: "text/event-stream", "Accept-Language": language },
      cache: "no-store",
      signal: abort.signal,
    });
    // Over, or closed by what it rests on: who follows looks after the session and says why.
    if (response.status === 401 || response.status === 403) {
      say({ signedOut: true });
      return false;
    }
    if (!response.ok || !response.body) return true;
    say({ link: true });
    const events = new EventReader();
    const text = new TextDecoder();
    const reader = response.body.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return true;
      const receivedMs = Date.now();
      clearTimeout(silent);
      silent = setTimeout(() => abort.abort(), SILENT_MS_MAX);
      for (const { event, data } of events.read(text.decode(value, { stream: true })))
        say({ event, body: JSON.parse(data) as unknown, receivedMs });
    }
  } finally {
    clearTimeout(silent);
  }
}

/** Whether connections follow each other; they end where nobody is signed in any more. */
let following = false;

async function follow(): Promise<void> {
  following = true;
  while (await once().catch(() => true)) {
    if (changing) {
      changing = false;
      continue;
    }
    say({ link: false });
    await new Promise((resolve) => setTimeout(resolve, AGAIN_AFTER_MS));
  }
  following = false;
}

self.onmessage = ({ data }: MessageEvent<ToFollower>) => {
  language = data.language;
  if (!following) return void follow();
  changing = true;
  current?.abort();
};
