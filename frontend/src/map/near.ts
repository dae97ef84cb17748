/** What lies near a place, and how far apart things are on the ground. Pure. */
import type { Camera } from "../room/inventory";

const METRES_PER_DEGREE = 111_320;

export interface Near {
  camera: Camera;
  metres: number;
}

export interface Place {
  lon: number;
  lat: number;
}

/** Return how far apart two places are; exact enough within a city. */
export function metresBetween(one: Place, other: Place): number {
  const narrowing = Math.cos((one.lat * Math.PI) / 180);
  return METRES_PER_DEGREE * Math.hypot((one.lon - other.lon) * narrowing, one.lat - other.lat);
}

/** Return the `count` cameras nearest to a place, the nearest first, each with its distance. */
export function nearest(cameras: readonly Camera[], place: Place, count: number): Near[] {
  const found: Near[] = [];
  for (const camera of cameras) {
    const metres = metresBetween(place, camera);
    const last = found[count - 1];
    if (last && metres >= last.metres) continue;
    const at = found.findIndex((near) => metres < near.metres);
    found.splice(at < 0 ? found.length : at, 0, { camera, metres });
    found.length = Math.min(found.length, count);
  }
  return found;
}

export interface ScaleBar {
  metres: number;
  widthPx: number;
}

/** Return the longest bar of 1, 2 or 5 tens, hundreds, … of metres that is at most `widthPx_max` wide. */
export function scaleBar(metresPerPx: number, widthPx_max: number): ScaleBar {
  const longest = metresPerPx * widthPx_max;
  const power = 10 ** Math.floor(Math.log10(longest));
  const metres = [5, 2, 1].map((figure) => figure * power).find((length) => length <= longest) ?? power;
  return { metres, widthPx: metres / metresPerPx };
}
