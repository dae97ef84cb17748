/** The cameras that are lost now, by sector and by why: what goes together stands together. Pure. */
import type { SourceCause } from "../../api/types";
import type { Camera } from "../../room/inventory";

export interface LostSector {
  sector: string;
  count: number;
  /** The largest group first. */
  causes: { cause: SourceCause | null; cameras: Camera[] }[];
}

/** Return the sectors with lost cameras, the worst first. */
export function lostSectors(lost: readonly Camera[], causes: ReadonlyMap<string, SourceCause>): LostSector[] {
  const sectors = new Map<string, Map<SourceCause | null, Camera[]>>();
  for (const camera of lost) {
    const cause = causes.get(camera.id) ?? null;
    const byCause = sectors.get(camera.sector) ?? new Map<SourceCause | null, Camera[]>();
    byCause.set(cause, [...(byCause.get(cause) ?? []), camera]);
    sectors.set(camera.sector, byCause);
  }
  return [...sectors]
    .map(([sector, byCause]) => ({
      sector,
      count: [...byCause.values()].reduce((sum, cameras) => sum + cameras.length, 0),
      causes: [...byCause].map(([cause, cameras]) => ({ cause, cameras })).sort((a, b) => b.cameras.length - a.cameras.length),
    }))
    .sort((a, b) => b.count - a.count);
}
