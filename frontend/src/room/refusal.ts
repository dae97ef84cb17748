/** What was asked for and not given, kept in words until it is answered. */
import type { Problem } from "../api/types";
import type { Camera } from "./inventory";

export type Refusal =
  /** A camera, refused by the node. `back`: the picture that was given up for it and stands again. */
  | { kind: "decided"; camera: Camera; problem: Problem; asked: "view" | "steer"; back: Camera | null }
  /** A camera that the node would give, and this wall has no place for. */
  | { kind: "full"; camera: Camera }
  | { kind: "unknown"; number: string }
  /** Something other than a camera. */
  | { kind: "other"; problem: Problem };

/** Whether nothing was decided: no answer came, or the node was too busy. The same may be asked for again. */
export const isUndecided = (refusal: Refusal): boolean =>
  refusal.kind === "decided" && refusal.asked === "view" && (refusal.problem.status === undefined || refusal.problem.status === 503);

/** Whether slots lack: another picture may then be given up for it. */
export const lacksSlot = (refusal: Refusal): boolean =>
  refusal.kind === "decided" && refusal.asked === "view" && (refusal.problem.cause === "quota" || refusal.problem.holders !== undefined);
