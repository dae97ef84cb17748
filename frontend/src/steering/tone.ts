/** Two short notes; a station without sound says nothing, and the screen says it all the same. */

const NOTES: readonly (readonly [number, number])[] = [[880, 0], [660, 0.18]];
const LOUDNESS = 0.2;
const NOTE_S = 0.15;

let output: AudioContext | null = null;

export function sound(): void {
  try {
    output ??= new AudioContext();
    const start = output.currentTime;
    for (const [hertz, after] of NOTES) {
      const note = output.createOscillator();
      const loudness = output.createGain();
      note.frequency.value = hertz;
      loudness.gain.setValueAtTime(LOUDNESS, start + after);
      loudness.gain.exponentialRampToValueAtTime(0.001, start + after + NOTE_S);
      note.connect(loudness).connect(output.destination);
      note.start(start + after);
      note.stop(start + after + NOTE_S);
    }
    void output.resume();
  } catch (error) {
    console.warn("no tone", error);
  }
}
