/** The node's wall clock, on which every time of the screens is read and typed; until it is known, this workstation's. */
let zone = new Intl.DateTimeFormat().resolvedOptions().timeZone;

export const shownZone = () => zone;

/** Read times in `named` from now on; a zone that this browser does not know is left out. */
export function showTimesIn(named: string): void {
  try {
    zone = new Intl.DateTimeFormat("en", { timeZone: named }).resolvedOptions().timeZone;
  } catch {
    console.warn(`unknown time zone ${named}`);
  }
}
