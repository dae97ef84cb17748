/** What a hand on the picture asks of the camera that it steers: a click brings a point to the centre, a frame brings it closer. Pure. */

export interface Box {
  left: number;
  top: number;
  width: number;
  height: number;
}

export interface Spot {
  x: number;
  y: number;
}

/** A point of the picture, −1 … 1 from left to right and from bottom to top; how close, 0 … 1, or as it is. */
export interface PicturePlace {
  x: number;
  y: number;
  zoom?: number;
}

/** What is smaller than this is a click whose hand trembled. */
const FRAME_PX_MIN = 12;

export const isFrame = (from: Spot, to: Spot): boolean => Math.max(Math.abs(to.x - from.x), Math.abs(to.y - from.y)) >= FRAME_PX_MIN;

/**
 * Return where the camera is to look for a hand that went down at `from` and up at `to`, or null outside the picture.
 *
 * How close a framed part comes is reckoned from how close the camera was last sent: where it stands now is not known here.
 */
export function placeOf(picture: Box, from: Spot, to: Spot, closeness: number): PicturePlace | null {
  if (!within(picture, from)) return null;
  if (!isFrame(from, to)) return pointOf(picture, from);
  const end = { x: clamp(to.x, picture.left, picture.left + picture.width), y: clamp(to.y, picture.top, picture.top + picture.height) };
  const share = Math.max(Math.abs(end.x - from.x) / picture.width, Math.abs(end.y - from.y) / picture.height);
  return { ...pointOf(picture, { x: (from.x + end.x) / 2, y: (from.y + end.y) / 2 }), zoom: rounded(closeness + (1 - closeness) * (1 - share)) };
}

function pointOf({ left, top, width, height }: Box, { x, y }: Spot): PicturePlace {
  return { x: rounded(clamp(((x - left) / width) * 2 - 1, -1, 1)), y: rounded(clamp(1 - ((y - top) / height) * 2, -1, 1)) };
}

const within = ({ left, top, width, height }: Box, { x, y }: Spot) => width > 0 && height > 0 && x >= left && x <= left + width && y >= top && y <= top + height;
const clamp = (value: number, least: number, most: number) => Math.min(most, Math.max(least, value));
const rounded = (value: number) => Math.round(value * 1000) / 1000;
