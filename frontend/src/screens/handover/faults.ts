/** Cameras that do not answer, those of one place together: fourteen lost behind one cabinet are one line. Pure. */
import type { CameraState, SourceCause } from "../../api/types";
import type { Camera } from "../../room/inventory";

export interface Fault {
  state: "lost" | "maintenance";
  sector: string;
  cameras: Camera[];
  /** Why each of them is lost, in their order; null where it is not known. */
  causes: (SourceCause | null)[];
}

/** Return the faults by state and sector, the lost first, the largest group first. */
export function faults(cameras: readonly Camera[], states: ReadonlyMap<string, CameraState>, causes: ReadonlyMap<string, SourceCause> = new Map()): Fault[] {
  const found = new Map<string, Fault>();
  for (const camera of cameras) {
    const state = states.get(camera.id);
    if (state !== "lost" && state !== "maintenance") continue;
    const key = `${state} ${camera.sector}`;
    const group = found.get(key) ?? { state, sector: camera.sector, cameras: [], causes: [] };
    group.cameras.push(camera);
    group.causes.push(causes.get(camera.id) ?? null);
    found.set(key, group);
  }
  return [...found.values()].sort((a, b) => a.state.localeCompare(b.state) || b.cameras.length - a.cameras.length);
}
