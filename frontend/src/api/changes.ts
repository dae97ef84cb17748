/** What the node says by itself, one connection a browser; the connection itself lives in changes.worker.ts. */
import type { CameraPosition, CameraState, Centre, Ended, EndedInShort, Language, OperationalEvent, Partners, SourceCause, SteeringTold, Streams } from "./types";

export interface ToFollower {
  language: Language;
}

export type FromFollower =
  | { event: string; body: unknown; receivedMs: number }
  | { link: boolean }
  | { signedOut: true };

/** The node's clock, and when this machine's read so; both in milliseconds since the Unix epoch. */
export interface ToldClock {
  nodeMs: number;
  receivedMs: number;
  /** How far the demo moved the node's clock; pictures are dated by the machine's own. */
  aheadMs: number;
  /** Since when the node runs, where it says so. */
  startedAt: string | null;
}

/** A camera's state, and why it is lost where it is. */
export interface ToldCamera {
  id: string;
  state: CameraState;
  cause: SourceCause | null;
}

export interface Changes {
  streams(streams: Streams): void;
  events(events: OperationalEvent[]): void;
  cameras(states: ToldCamera[]): void;
  /** One's own viewing with why in words; the owner's room also hears of its partners', in short. */
  ended(ended: Ended | EndedInShort): void;
  clock(told: ToldClock): void;
  centre(centre: Centre): void;
  partners(partners: Partners): void;
  steering(steering: SteeringTold): void;
  positions(positions: readonly CameraPosition[]): void;
  link(up: boolean): void;
  signedOut(): void;
}

export interface Listening {
  /** Hear the node in another language from now on. */
  speak(language: Language): void;
  /** The session changed hands: hear the node under the new one. */
  again(): void;
  stop(): void;
}

export function listen(language: Language, changes: Changes): Listening {
  const follower = new Worker(new URL("./changes.worker.ts", import.meta.url), { type: "module" });
  let spoken = language;

  follower.onmessage = ({ data }: MessageEvent<FromFollower>) => {
    if ("link" in data) changes.link(data.link);
    else if ("signedOut" in data) changes.signedOut();
    else tell(data.event, data.body, data.receivedMs);
  };
  follower.postMessage({ language } satisfies ToFollower);

  function tell(event: string, body: unknown, receivedMs: number): void {
    switch (event) {
      case "streams": return changes.streams(body as Streams);
      case "events": return changes.events((body as { items: OperationalEvent[] }).items);
      case "cameras": return changes.cameras((body as { items: ToldCamera[] }).items);
      case "ended": return changes.ended(body as Ended | EndedInShort);
      case "partners": return changes.partners(body as Partners);
      case "steering": return changes.steering(body as SteeringTold);
      case "positions": return changes.positions((body as { items: CameraPosition[] }).items);
      case "centre": return changes.centre(body as Centre);
      case "clock": {
        const { now, ahead_s = 0, started_at = null } = body as { now: string; ahead_s?: number; started_at?: string | null };
        return changes.clock({ nodeMs: Date.parse(now), receivedMs, aheadMs: ahead_s * 1000, startedAt: started_at });
      }
    }
  }

  return {
    speak(next) {
      if (next === spoken) return;
      spoken = next;
      follower.postMessage({ language: next } satisfies ToFollower);
    },
    again: () => follower.postMessage({ language: spoken } satisfies ToFollower),
    stop: () => follower.terminate(),
  };
}
