/**
 * What can be made out of a person at which distance: pixels a metre against the grades of EN 62676-4. Pure. It says what a
 * lens and a picture give at best; night, rain and compression take from it.
 */

export type Grade = "monitor" | "detect" | "observe" | "recognise" | "identify";

/** Pixels a metre. */
export const GRADES: readonly (readonly [Grade, number])[] = [
  ["identify", 250],
  ["recognise", 125],
  ["observe", 62.5],
  ["detect", 25],
  ["monitor", 12.5],
];

/** Return up to how many metres each grade reaches, the most demanding first; none where the lens sees half a turn or more. */
export function reaches(widthPx: number, fovDeg: number): { grade: Grade; metres: number }[] {
  if (fovDeg <= 0 || fovDeg >= 180 || widthPx <= 0) return [];
  const widthAtOneMetre = 2 * Math.tan((fovDeg * Math.PI) / 360);
  return GRADES.map(([grade, density]) => ({ grade, metres: widthPx / density / widthAtOneMetre }));
}
