/** Reading ISO BMFF boxes: just what is needed to play one CMAF chunk a frame and to know when it was captured. */

const SECONDS_1900_TO_1970 = 2_208_988_800;
const CONTAINERS = new Set(["moov", "trak", "mdia", "minf", "stbl", "mvex", "moof", "traf"]);
/** Bytes of a visual sample entry before its own boxes (ISO/IEC 14496-12, 12.1.3). */
const VISUAL_ENTRY_BYTES = 78;

export interface Box {
  type: string;
  /** Where the box's content starts and ends, in bytes from the start of the buffer. */
  start: number;
  end: number;
}

/** One access unit, as the relay sends it. */
export interface Chunk {
  /** Decode and presentation time on the track's own timeline, in units of its timescale. */
  decodeTime: number;
  presentationTime: number;
  /** Units of the timescale; 0 where none is said. */
  duration: number;
  key: boolean;
  /** When the camera captured it (`prft`), in milliseconds since the Unix epoch, by the origin's clock. */
  capturedUnixMs: number | null;
  /** The length-prefixed NAL units. */
  payload: Uint8Array;
  bytes: Uint8Array;
}

/** What an initialisation segment says that the chunks need. */
export interface Track {
  timescale: number;
  /** `avcC` or `hvcC`, whole content: what a decoder takes as its description. */
  decoderRecord: Uint8Array | null;
  defaultDuration: number;
  defaultFlags: number;
}

export class Unreadable extends Error {}

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Return the boxes that lie between `start` and `end`. */
export function boxesIn(bytes: Uint8Array, start = 0, end = bytes.byteLength): Box[] {
  const seen: Box[] = [];
  const words = view(bytes);
  let at = start;
  while (at + 8 <= end) {
    let size = words.getUint32(at);
    let header = 8;
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    if (size === 1) {
      if (at + 16 > end) throw new Unreadable(`box ${type} at ${at}: its size is cut`);
      size = Number(words.getBigUint64(at + 8));
      header = 16;
    } else if (size === 0) size = end - at;
    if (size < header || at + size > end) throw new Unreadable(`box ${type} at ${at}: ${size} bytes do not fit`);
    seen.push({ type, start: at + header, end: at + size });
    at += size;
  }
  return seen;
}

/** Return the type of the first box, which tells an initialisation segment from a chunk. */
export function firstBoxType(bytes: Uint8Array): string {
  return bytes.byteLength < 8 ? "" : String.fromCharCode(...bytes.subarray(4, 8));
}

export function isInitialisation(bytes: Uint8Array): boolean {
  const type = firstBoxType(bytes);
  return type === "ftyp" || type === "moov";
}

/** Return the first box at `path`, looked for from the top. */
export function boxAt(bytes: Uint8Array, ...path: string[]): Box | null {
  let within: Box = { type: "", start: 0, end: bytes.byteLength };
  for (const type of path) {
    const found = boxesIn(bytes, within.start, within.end).find((box) => box.type === type);
    if (!found) return null;
    within = found;
  }
  return within;
}

/** Return the instant of an NTP timestamp, in milliseconds since the Unix epoch. */
export function ntpToUnixMs(seconds: number, fraction: number): number {
  return (seconds - SECONDS_1900_TO_1970) * 1000 + (fraction / 2 ** 32) * 1000;
}

/** Read an initialisation segment. */
export function readTrack(bytes: Uint8Array): Track {
  const words = view(bytes);
  const mdhd = boxAt(bytes, "moov", "trak", "mdia", "mdhd");
  const stsd = boxAt(bytes, "moov", "trak", "mdia", "minf", "stbl", "stsd");
  if (!mdhd || !stsd) throw new Unreadable("initialisation segment: no mdhd or stsd");
  const timescale = words.getUint32(mdhd.start + (words.getUint8(mdhd.start) === 1 ? 20 : 12));
  const entry = boxesIn(bytes, stsd.start + 8, stsd.end)[0];
  const record = entry
    ? boxesIn(bytes, entry.start + VISUAL_ENTRY_BYTES, entry.end).find((box) => box.type === "avcC" || box.type === "hvcC")
    : undefined;
  const trex = boxAt(bytes, "moov", "mvex", "trex");
  return {
    timescale,
    decoderRecord: record ? bytes.slice(record.start, record.end) : null,
    defaultDuration: trex ? words.getUint32(trex.start + 12) : 0,
    defaultFlags: trex ? words.getUint32(trex.start + 20) : 0,
  };
}

/** Read one chunk (`prft` `moof` `mdat`) of one sample. */
export function readChunk(bytes: Uint8Array, track: Track): Chunk {
  const words = view(bytes);
  let capturedUnixMs: number | null = null;
  let payload: Uint8Array | null = null;
  let decodeTime = 0;
  let offset = 0;
  let duration = track.defaultDuration;
  let flags = track.defaultFlags;

  const read = (box: Box) => {
    if (CONTAINERS.has(box.type)) for (const inner of boxesIn(bytes, box.start, box.end)) read(inner);
    else if (box.type === "prft") capturedUnixMs = ntpToUnixMs(words.getUint32(box.start + 8), words.getUint32(box.start + 12));
    else if (box.type === "mdat") payload = bytes.subarray(box.start, box.end);
    else if (box.type === "tfdt") {
      const long = words.getUint8(box.start) === 1;
      decodeTime = long ? Number(words.getBigUint64(box.start + 4)) : words.getUint32(box.start + 4);
    } else if (box.type === "tfhd") {
      const has = words.getUint32(box.start) & 0xffffff;
      let at = box.start + 8;
      if (has & 0x01) at += 8;
      if (has & 0x02) at += 4;
      if (has & 0x08) { duration = words.getUint32(at); at += 4; }
      if (has & 0x10) at += 4;
      if (has & 0x20) flags = words.getUint32(at);
    } else if (box.type === "trun") {
      const version = words.getUint8(box.start);
      const has = words.getUint32(box.start) & 0xffffff;
      let at = box.start + 8;
      if (has & 0x001) at += 4;
      if (has & 0x004) { flags = words.getUint32(at); at += 4; }
      if (has & 0x100) { duration = words.getUint32(at); at += 4; }
      if (has & 0x200) at += 4;
      if (has & 0x400) { flags = words.getUint32(at); at += 4; }
      if (has & 0x800) offset = version === 0 ? words.getUint32(at) : words.getInt32(at);
    }
  };
  for (const box of boxesIn(bytes)) read(box);
  if (!payload) throw new Unreadable("chunk: no mdat");
  const notSync = 0x0001_0000;
  return { decodeTime, presentationTime: decodeTime + offset, duration, key: (flags & notSync) === 0, capturedUnixMs, payload, bytes };
}
