/** Geometry and small drawings of the map: cones of view, and a shape for each state (never colour alone). */
import type { CameraState } from "../api/types";
import type { Camera } from "../room/inventory";

const METRES_PER_DEGREE = 111_320;
const CONE_STEPS = 12;
const RANGE_M_UNSAID = 60;
const FOV_DEG_UNSAID = 60;

export interface Palette {
  ground: string;
  line: string;
  ink: string;
  ink2: string;
  ink3: string;
  focus: string;
  watch: string;
  stop: string;
  mapGround: string;
  mapRoad: string;
  mapWater: string;
  mapGreen: string;
}

/** Read the palette of the theme in force. */
export function readPalette(): Palette {
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string) => style.getPropertyValue(`--${name}`).trim();
  return {
    ground: colour("ground"), line: colour("line"), ink: colour("ink"), ink2: colour("ink-2"), ink3: colour("ink-3"),
    focus: colour("focus"), watch: colour("watch"), stop: colour("stop"),
    mapGround: colour("map-ground"), mapRoad: colour("map-road"), mapWater: colour("map-water"), mapGreen: colour("map-green"),
  };
}

/** Return the ring of a camera's cone of view on the ground, or null where its heading is not known. */
export function cone(camera: Camera): [number, number][] | null {
  if (camera.headingDeg === null) return null;
  const range = camera.rangeM ?? RANGE_M_UNSAID;
  const width = camera.fovDeg ?? FOV_DEG_UNSAID;
  const narrowing = Math.cos((camera.lat * Math.PI) / 180);
  const ring: [number, number][] = [[camera.lon, camera.lat]];
  for (let step = 0; step <= CONE_STEPS; step++) {
    const bearing = ((camera.headingDeg - width / 2 + (width * step) / CONE_STEPS) * Math.PI) / 180;
    ring.push([
      camera.lon + (Math.sin(bearing) * range) / (METRES_PER_DEGREE * narrowing),
      camera.lat + (Math.cos(bearing) * range) / METRES_PER_DEGREE,
    ]);
  }
  ring.push([camera.lon, camera.lat]);
  return ring;
}

export type Mark = "free" | "mine" | "taken" | "lost" | "maintenance" | "wedge";

/** Say by which shape a camera's own state stands on the map. */
export function markOf(state: CameraState): Mark {
  return state === "ok" ? "free" : state;
}

const SIDE_PX = 24;
const WEDGE_PX = 40;

/** Draw a mark at twice its size on the map, for sharp screens. */
export function drawMark(mark: Mark, palette: Palette): ImageData {
  const side = (mark === "wedge" ? WEDGE_PX : SIDE_PX) * 2;
  const canvas = new OffscreenCanvas(side, side);
  const pen = canvas.getContext("2d");
  if (!pen) throw new Error("no 2D canvas");
  const middle = side / 2;
  pen.lineWidth = 4;
  pen.strokeStyle = palette.ink2;
  const disc = (radius: number) => {
    pen.beginPath();
    pen.arc(middle, middle, radius, 0, 2 * Math.PI);
  };
  switch (mark) {
    case "free":
      disc(10); pen.fillStyle = palette.mapGround; pen.fill(); pen.stroke();
      break;
    case "mine":
      disc(16); pen.fillStyle = palette.ink; pen.fill(); pen.stroke();
      break;
    case "taken":
      disc(13); pen.fillStyle = palette.mapGround; pen.fill(); pen.strokeStyle = palette.ink; pen.stroke();
      disc(5); pen.fillStyle = palette.ink; pen.fill();
      break;
    case "lost":
      pen.fillStyle = palette.stop; pen.strokeStyle = palette.mapGround; pen.lineWidth = 3;
      pen.fillRect(middle - 13, middle - 13, 26, 26); pen.strokeRect(middle - 13, middle - 13, 26, 26);
      break;
    case "wedge":
      // Opens upwards from the middle of the lower edge: 60° on a quarter of the map's grid.
      pen.beginPath(); pen.moveTo(middle, side); pen.arc(middle, side, side, -Math.PI / 2 - Math.PI / 6, -Math.PI / 2 + Math.PI / 6); pen.closePath();
      pen.globalAlpha = 0.4; pen.fillStyle = palette.ink2; pen.fill();
      break;
    case "maintenance":
      pen.beginPath(); pen.moveTo(middle, middle - 16); pen.lineTo(middle + 17, middle + 14); pen.lineTo(middle - 17, middle + 14); pen.closePath();
      pen.fillStyle = palette.watch; pen.fill(); pen.strokeStyle = palette.mapGround; pen.lineWidth = 3; pen.stroke();
  }
  return pen.getImageData(0, 0, side, side);
}
