/** Where a camera looks, and how near something must be to be recognised: the bands of its cone (EN 62676-4, px/m). Pure geometry. */
import type { CameraPosition } from "../api/types";
import type { Camera } from "../room/inventory";

const METRES_PER_DEGREE = 111_320;
const STEPS = 16;
const RANGE_M_UNSAID = 60;
const FOV_DEG_UNSAID = 60;

/** How close a head comes is not told: drawn as if it were so many times, at most. */
const ZOOM_TIMES_UNSAID = 8;
/** Below it nothing is closer than at the widest. */
const ZOOM_LEAST = 0.01;

export type Band = "identify" | "recognise" | "observe" | "detect" | "monitor";

/** The finest first: pixels on a metre at the far edge of each band. */
const BANDS: readonly [Band, number][] = [["identify", 250], ["recognise", 125], ["observe", 62.5], ["detect", 25], ["monitor", 12.5]];

type Point = [number, number];

function away(camera: Camera, bearingDeg: number, metres: number): Point {
  const bearing = (bearingDeg * Math.PI) / 180;
  const narrowing = Math.cos((camera.lat * Math.PI) / 180);
  return [
    camera.lon + (Math.sin(bearing) * metres) / (METRES_PER_DEGREE * narrowing),
    camera.lat + (Math.cos(bearing) * metres) / METRES_PER_DEGREE,
  ];
}

function arc(camera: Camera, fromDeg: number, toDeg: number, metres: number): Point[] {
  return Array.from({ length: STEPS + 1 }, (_, step) => away(camera, fromDeg + ((toDeg - fromDeg) * step) / STEPS, metres));
}

function edges(camera: Camera): { from: number; to: number; rangeM: number } | null {
  if (camera.headingDeg === null) return null;
  const width = camera.fovDeg ?? FOV_DEG_UNSAID;
  return { from: camera.headingDeg - width / 2, to: camera.headingDeg + width / 2, rangeM: camera.rangeM ?? RANGE_M_UNSAID };
}

/**
 * Return the camera as it looks now, for its cone: turned, and narrower where it is closer. How many pixels it then puts on a
 * metre is not known, and has no bands.
 */
export function looking(camera: Camera, position: CameraPosition | undefined): Camera {
  if (!position) return camera;
  const zoom = position.zoom ?? 0;
  const turned = { ...camera, headingDeg: position.heading_deg ?? camera.headingDeg };
  if (zoom < ZOOM_LEAST) return turned;
  return { ...turned, fovDeg: (camera.fovDeg ?? FOV_DEG_UNSAID) / (1 + (ZOOM_TIMES_UNSAID - 1) * zoom), widthPx: null };
}

/** Return the ring of a camera's cone of view on the ground, or null where its heading is not known. */
export function cone(camera: Camera): Point[] | null {
  const edge = edges(camera);
  if (!edge) return null;
  const middle: Point = [camera.lon, camera.lat];
  return [middle, ...arc(camera, edge.from, edge.to, edge.rangeM), middle];
}

/** Return the circle that a camera that turns can reach. */
export function reach(camera: Camera): Point[] {
  const circle = Array.from({ length: 4 * STEPS }, (_, step) => away(camera, (360 * step) / (4 * STEPS), camera.rangeM ?? RANGE_M_UNSAID));
  return [...circle, ...circle.slice(0, 1)];
}

/** Return how far a camera puts `pxPerM` pixels on a metre, or null where its pixels are not known. */
export function metresAt(camera: Camera, pxPerM: number): number | null {
  if (camera.widthPx === null) return null;
  const half = Math.tan((Math.min(camera.fovDeg ?? FOV_DEG_UNSAID, 170) * Math.PI) / 360);
  return camera.widthPx / (2 * pxPerM * half);
}

export interface BandOnGround {
  band: Band;
  ring: Point[];
  /** Where its far edge crosses the middle of the view. */
  edge: Point;
  toM: number;
}

/** Return the bands that lie within the camera's range, from the camera outwards. */
export function bands(camera: Camera): BandOnGround[] {
  const edge = edges(camera);
  if (!edge || camera.headingDeg === null) return [];
  const found: BandOnGround[] = [];
  let fromM = 0;
  for (const [band, pxPerM] of BANDS) {
    const at = metresAt(camera, pxPerM);
    if (at === null) return [];
    const toM = Math.min(at, edge.rangeM);
    if (toM <= fromM) break;
    const near: Point[] = fromM === 0 ? [[camera.lon, camera.lat]] : arc(camera, edge.to, edge.from, fromM);
    const far = arc(camera, edge.from, edge.to, toM);
    const [first] = far;
    if (!first) break;
    found.push({ band, ring: [...far, ...near, first], edge: away(camera, camera.headingDeg, toM), toM });
    fromM = toM;
  }
  return found;
}
