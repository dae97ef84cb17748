/** Small drawings of the map: a shape for each state of a camera, never colour alone. */
import type { CameraState } from "../api/types";

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

export const MARKS = ["free", "mine", "taken", "lost", "mine-lost", "taken-lost", "suspended", "maintenance", "wedge"] as const;
export type Mark = (typeof MARKS)[number];

/** Say by which shape a camera stands on the map: a lost one that is watched still looks lost. */
export function markOf(state: CameraState, suspended: boolean, watchedBy: "none" | "mine" | "others"): Mark {
  if (suspended) return "suspended";
  if (state === "lost") return watchedBy === "none" ? "lost" : watchedBy === "mine" ? "mine-lost" : "taken-lost";
  if (watchedBy !== "none") return watchedBy === "mine" ? "mine" : "taken";
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
  const square = (half: number, fill: string, stroke: string) => {
    pen.fillStyle = fill; pen.strokeStyle = stroke; pen.lineWidth = 3;
    pen.fillRect(middle - half, middle - half, 2 * half, 2 * half);
    pen.strokeRect(middle - half, middle - half, 2 * half, 2 * half);
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
      square(13, palette.stop, palette.mapGround);
      break;
    case "mine-lost":
      // The disc of a picture of ours, and the square of a camera that does not answer on it.
      disc(19); pen.fillStyle = palette.ink; pen.fill(); pen.stroke();
      square(10, palette.stop, palette.mapGround);
      break;
    case "taken-lost":
      disc(19); pen.fillStyle = palette.mapGround; pen.fill(); pen.strokeStyle = palette.ink; pen.stroke();
      square(8, palette.stop, palette.mapGround);
      break;
    case "suspended":
      // An empty square with two bars: held back, not broken.
      square(15, palette.mapGround, palette.stop);
      pen.fillStyle = palette.stop;
      pen.fillRect(middle - 9, middle - 8, 6, 16); pen.fillRect(middle + 3, middle - 8, 6, 16);
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
