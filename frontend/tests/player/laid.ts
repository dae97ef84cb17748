/** Boxes laid by hand, so that what reads them is tested against the standard and not against itself. */

export function box(type: string, ...content: (Uint8Array | number[])[]): Uint8Array<ArrayBuffer> {
  const parts = content.map((part) => Uint8Array.from(part));
  const size = 8 + parts.reduce((sum, part) => sum + part.length, 0);
  const whole = new Uint8Array(size);
  whole.set([...u32(size), ...new TextEncoder().encode(type)]);
  let at = 8;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

export const u32 = (value: number): number[] => [(value >>> 24) & 255, (value >>> 16) & 255, (value >>> 8) & 255, value & 255];
export const u64 = (value: number): number[] => [...u32(Math.floor(value / 2 ** 32)), ...u32(value % 2 ** 32)];

export const AVCC = [1, 0x42, 0xc0, 0x1e, 0xff, 0xe1, 0, 0, 1, 0, 0];

/** An initialisation segment of one H.264 track. */
export function initialisation(timescale: number): Uint8Array<ArrayBuffer> {
  const entry = box("avc1", new Array<number>(78).fill(0), box("avcC", AVCC));
  const stbl = box("stbl", box("stsd", u32(0), u32(1), entry));
  const mdhd = box("mdhd", u32(0), u32(0), u32(0), u32(timescale), u32(0), u32(0));
  const trex = box("trex", u32(0), u32(1), u32(1), u32(500), u32(0), u32(0x0001_0000));
  const whole = [box("ftyp", [...new TextEncoder().encode("cmf2")]), box("moov", box("trak", box("mdia", mdhd, box("minf", stbl))), box("mvex", trex))];
  return Uint8Array.from(whole.flatMap((part) => [...part]));
}

interface Laid {
  decodeTime: number;
  capturedUnixMs?: number;
  key?: boolean;
  duration?: number;
  offset?: number;
  payload?: number[];
}

/** One chunk as the relay lays it: the sample's duration, size, flags and composition offset in `trun`. */
export function chunk({ decodeTime, capturedUnixMs, key = false, duration = 1000, offset = 0, payload = [0, 0, 0, 1, 9] }: Laid): Uint8Array<ArrayBuffer> {
  const flags = key ? 0x0200_0000 : 0x0101_0000;
  const tfhd = box("tfhd", u32(0x02_0000), u32(1));
  const tfdt = box("tfdt", u32(0x0100_0000), u64(decodeTime));
  const trun = box("trun", u32(0x0100_0f01), u32(1), u32(0), u32(duration), u32(payload.length), u32(flags), u32(offset));
  const moof = box("moof", box("mfhd", u32(0), u32(1)), box("traf", tfhd, tfdt, trun));
  const parts: Uint8Array[] = [];
  if (capturedUnixMs !== undefined) {
    const seconds = Math.floor(capturedUnixMs / 1000) + 2_208_988_800;
    const fraction = Math.floor(((capturedUnixMs % 1000) / 1000) * 2 ** 32);
    parts.push(box("prft", u32(0x0100_0018), u32(1), u32(seconds), u32(fraction), u64(decodeTime)));
  }
  parts.push(moof, box("mdat", payload));
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}
