/**
 * A timeline without holes, for Media Source Extensions: after a hole of more than two pictures they drop everything up to
 * the next key frame. A hole in time is closed up here; the picture's real time is found again when it is shown.
 */

const HOLE = 1.9;
const DURATION_US_UNSAID = 80_000;
const STRETCHES_KEPT = 64;
/** A picture that rounding puts before the start of time is dropped, and all up to the next key frame with it. */
const LEAD_US = 1_000;

interface Stretch {
  fromUs: number;
  /** Media time less the track's own. */
  offsetUs: number;
  /** The tile's time less media time. */
  backUs: number;
}

export interface Timed {
  timeUs: number;
  decodeUs: number;
  durationUs: number;
  baseUs: number;
}

export class Contiguous {
  #stretches: Stretch[] = [];
  #nextUs: number | null = null;
  #durationUs = DURATION_US_UNSAID;

  /** Return what to add to the track's own time so that this picture follows the last one, in microseconds. */
  place({ decodeUs, durationUs, baseUs }: Timed): number {
    const duration = durationUs || this.#durationUs;
    let offsetUs = this.#stretches.at(-1)?.offsetUs ?? baseUs + LEAD_US;
    const mediaUs = decodeUs + offsetUs;
    const hole = this.#nextUs === null ? 0 : mediaUs - this.#nextUs;
    const broken = this.#nextUs !== null && (hole > (HOLE - 1) * this.#durationUs || hole < -this.#durationUs / 2);
    if (broken && this.#nextUs !== null) offsetUs = this.#nextUs - decodeUs;
    if (this.#nextUs === null || broken) {
      this.#stretches.push({ fromUs: decodeUs + offsetUs, offsetUs, backUs: baseUs - offsetUs });
      if (this.#stretches.length > STRETCHES_KEPT) this.#stretches.shift();
    }
    this.#nextUs = decodeUs + offsetUs + duration;
    this.#durationUs = duration;
    return offsetUs;
  }

  /** Return the tile's time of the picture shown at a media time. */
  timeOf(mediaUs: number): number {
    const stretch = this.#stretches.findLast(({ fromUs }) => fromUs <= mediaUs + 2_000);
    return mediaUs + (stretch?.backUs ?? 0);
  }
}
