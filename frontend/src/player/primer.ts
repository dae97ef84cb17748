/**
 * A grey picture to begin with, for cameras that code no IDR (intra refresh, recovery points): Chromium begins to decode
 * H.264 at an IDR alone, in WebCodecs and in Media Source Extensions. It is decoded and never shown; what follows it is
 * whole once the recovery point says so.
 */

const SLICE = 1;
const IDR = 5;
const SEI = 6;
const RECOVERY_POINT = 6;
const SEQUENCE_SET = 7;
/** Profiles whose sequence parameter sets tell their chroma (ITU-T H.264, 7.3.2.1.1). */
const TELLS_CHROMA = new Set([100, 110, 122, 244, 44, 83, 86, 118, 128]);
/** The number of our picture parameter set: the highest, which no camera uses. */
const PICTURE_SET = 255;
/** A macroblock of I slices: Intra 16×16 from its neighbours' mean, without residual: grey. */
const GREY_MACROBLOCK = 0x27;

class Bits {
  #bytes: Uint8Array;
  #at = 0;
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }
  read(count: number): number {
    let value = 0;
    for (let i = 0; i < count; i++, this.#at++) {
      const byte = this.#bytes[this.#at >> 3];
      if (byte === undefined) throw new RangeError("the parameter set is cut");
      value = value * 2 + ((byte >> (7 - (this.#at & 7))) & 1);
    }
    return value;
  }
  /** ue(v) */
  number(): number {
    let zeros = 0;
    while (!this.read(1)) if (++zeros > 32) throw new RangeError("a number without end");
    return 2 ** zeros - 1 + this.read(zeros);
  }
  /** se(v), whose sign nobody here needs. */
  signed(): void {
    this.number();
  }
}

class Writer {
  bytes: number[] = [];
  #bits = 0;
  #byte = 0;
  write(value: number, count: number): void {
    for (let i = count - 1; i >= 0; i--) {
      this.#byte = (this.#byte << 1) | (Math.floor(value / 2 ** i) & 1);
      if (++this.#bits === 8) {
        this.bytes.push(this.#byte);
        this.#bits = this.#byte = 0;
      }
    }
  }
  number(value: number): void {
    const length = Math.floor(Math.log2(value + 1));
    this.write(0, length);
    this.write(value + 1, length + 1);
  }
  /** End as a NAL unit's payload does. */
  end(): number[] {
    this.write(1, 1);
    while (this.#bits) this.write(0, 1);
    return this.bytes;
  }
}

function unescaped(unit: Uint8Array): Uint8Array {
  const out: number[] = [];
  for (let at = 0, zeros = 0; at < unit.length; at++) {
    const byte = unit[at] as number;
    if (zeros >= 2 && byte === 3) zeros = 0;
    else {
      zeros = byte === 0 ? zeros + 1 : 0;
      out.push(byte);
    }
  }
  return Uint8Array.from(out);
}

/** A NAL unit behind its length of 4 bytes. */
function unit(header: number, payload: number[]): number[] {
  const bytes = [header];
  let zeros = 0;
  for (const byte of payload) {
    if (zeros >= 2 && byte <= 3) {
      bytes.push(3);
      zeros = 0;
    }
    zeros = byte === 0 ? zeros + 1 : 0;
    bytes.push(byte);
  }
  const { length } = bytes;
  return [length >>> 24, (length >>> 16) & 255, (length >>> 8) & 255, length & 255, ...bytes];
}

interface Sequence {
  id: number;
  frameNumberBits: number;
  orderType: number;
  orderBits: number;
  orderDeltas: boolean;
  framesOnly: boolean;
  macroblocks: number;
}

/** Read what a slice header needs to know; null where the pictures are such that no grey one is made for them. */
function readSequence(set: Uint8Array): Sequence | null {
  const bits = new Bits(unescaped(set).subarray(1));
  const profile = bits.read(8);
  bits.read(16);
  const id = bits.number();
  if (TELLS_CHROMA.has(profile)) {
    if (bits.number() !== 1) return null;
    bits.number();
    bits.number();
    bits.read(1);
    // Scaling lists matter to residuals; there are none, but they would have to be read over.
    if (bits.read(1)) return null;
  }
  const frameNumberBits = bits.number() + 4;
  const orderType = bits.number();
  let [orderBits, orderDeltas] = [0, false];
  if (orderType === 0) orderBits = bits.number() + 4;
  else if (orderType === 1) {
    orderDeltas = !bits.read(1);
    bits.signed();
    bits.signed();
    for (let cycle = bits.number(); cycle > 0; cycle--) bits.signed();
  }
  bits.number();
  bits.read(1);
  const width = bits.number() + 1;
  const height = bits.number() + 1;
  const framesOnly = bits.read(1) === 1;
  if (!framesOnly && bits.read(1)) return null;
  return { id, frameNumberBits, orderType, orderBits, orderDeltas, framesOnly, macroblocks: width * height * (framesOnly ? 1 : 2) };
}

function pictureSet(sequence: Sequence): number[] {
  const bits = new Writer();
  bits.number(PICTURE_SET);
  bits.number(sequence.id);
  bits.write(0, 2); // CAVLC; no order of the bottom field
  bits.number(0); // one slice group
  bits.number(0);
  bits.number(0);
  bits.write(0, 3); // no weights
  for (let i = 0; i < 3; i++) bits.number(0); // quantisers
  bits.write(0b100, 3); // the deblocking filter is told in the slice
  return unit(0x68, bits.end());
}

function greyPicture(sequence: Sequence): number[] {
  const bits = new Writer();
  bits.number(0);
  bits.number(7); // all slices are I
  bits.number(PICTURE_SET);
  bits.write(0, sequence.frameNumberBits);
  if (!sequence.framesOnly) bits.write(0, 1);
  bits.number(0);
  if (sequence.orderType === 0) bits.write(0, sequence.orderBits);
  if (sequence.orderDeltas) bits.number(0);
  bits.write(0, 2); // no reference is kept for long
  bits.number(0);
  bits.number(1); // no deblocking
  for (let i = 0; i < sequence.macroblocks; i++) bits.write(GREY_MACROBLOCK, 8);
  return unit(0x65, bits.end());
}

/** Return the units of a grey IDR for a decoder that knows `record` (`avcC`), or null where none is made. */
export function primer(record: Uint8Array): Uint8Array | null {
  try {
    const count = (record[5] ?? 0) & 31;
    const length = ((record[6] ?? 0) << 8) | (record[7] ?? 0);
    const set = record.subarray(8, 8 + length);
    if (count !== 1 || ((set[0] ?? 0) & 31) !== SEQUENCE_SET) return null;
    const sequence = readSequence(set);
    return sequence && Uint8Array.from([...pictureSet(sequence), ...greyPicture(sequence)]);
  } catch {
    return null;
  }
}

/** What a picture at which decoding may begin is: an IDR, or one that is whole only so many pictures later. */
export interface Entry {
  idr: boolean;
  wholeAfter: number;
}

export function readEntry(payload: Uint8Array): Entry {
  const words = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  let wholeAfter = 0;
  for (let at = 0; at + 5 <= payload.length; ) {
    const length = words.getUint32(at);
    const kind = (payload[at + 4] ?? 0) & 31;
    if (kind === IDR) return { idr: true, wholeAfter: 0 };
    if (kind === SLICE) break;
    if (kind === SEI) wholeAfter = recovery(payload.subarray(at + 5, at + 4 + length)) ?? wholeAfter;
    at += 4 + length;
  }
  return { idr: false, wholeAfter };
}

/** The `recovery_frame_cnt` of a supplement, where it has one. */
function recovery(supplement: Uint8Array): number | null {
  const bytes = unescaped(supplement);
  for (let at = 0; at + 2 < bytes.length; ) {
    const told = [0, 0];
    for (let i = 0; i < 2; i++) {
      while (bytes[at] === 255) {
        told[i] = (told[i] ?? 0) + 255;
        at++;
      }
      told[i] = (told[i] ?? 0) + (bytes[at++] ?? 0);
    }
    const [kind = 0, length = 0] = told;
    if (kind === RECOVERY_POINT) {
      try {
        return new Bits(bytes.subarray(at, at + length)).number();
      } catch {
        return null;
      }
    }
    at += length;
  }
  return null;
}
