/** Leases and authorisations as a node tells them, for tests. */
import type { Authorisation, Lease, Look } from "../../src/api/types";

export const NOW_MS = Date.parse("2026-03-24T22:41:00+01:00");
export const before = (seconds: number) => new Date(NOW_MS - seconds * 1000).toISOString();
export const after = (seconds: number) => new Date(NOW_MS + seconds * 1000).toISOString();

export const lease = (change: Partial<Lease> = {}): Lease => ({
  id: "l1", camera: "vda-117", party: "etat", service: "cic", agent: "cic-7q2m", event: "e1", state: "held",
  since: before(41), until: after(1800 - 41), mine: true, ...change,
});

export const word = (change: Partial<Authorisation> = {}): Authorisation => ({
  id: "a1", lease: "l1", camera: "vda-117", party: "etat", service: "cic", station: "mur-1",
  event: { id: "e1", kind: "trouble-grave", motive: "rassemblement violent", sector: "Centre" },
  asked_at: before(12), scope: "camera", until: null, state: "asked", asked_of: ["csu-room-chief"], telephone: false, deputies: false, yours: true, unconfirmed: false, ...change,
});

export const look = (change: Partial<Look> = {}): Look => ({
  id: "k1", camera: "vda-117", position: null, target: "la fontaine", party: "etat", service: "cic", station: "mur-1",
  event: { id: "e1", kind: "trouble-grave", motive: null, sector: null }, asked_at: before(20), state: "asked", note: null, answered_at: null, ...change,
});
