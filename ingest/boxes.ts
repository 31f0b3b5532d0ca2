/** The boxes that ISO base media files are made of (ISO/IEC 14496-12, section 4.2), found and written. */

export interface Box {
  readonly type: string;
  /** First byte after the box header. */
  readonly start: number;
  readonly end: number;
}

export interface Range {
  readonly start: number;
  readonly end: number;
}

export const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
export const whole = (bytes: Uint8Array): Range => ({ start: 0, end: bytes.length });

/** Boxes directly between `start` and `end`. @throws RangeError when a box runs past its parent. */
export function* boxes(view: DataView, { start, end }: Range): Generator<Box> {
  let at = start;
  while (at + 8 <= end) {
    const short = view.getUint32(at);
    const header = short === 1 ? 16 : 8;
    const size = short === 1 ? Number(view.getBigUint64(at + 8)) : short === 0 ? end - at : short;
    if (size < header || at + size > end) throw new RangeError('a box runs past its parent');
    yield { type: String.fromCharCode(...[4, 5, 6, 7].map((i) => view.getUint8(at + i))), start: at + header, end: at + size };
    at += size;
  }
}

/** Boxes at the end of a path of types, below `within`. */
export function* find(view: DataView, within: Range, path: readonly string[]): Generator<Box> {
  for (const box of boxes(view, within)) {
    if (box.type !== path[0]) continue;
    if (path.length === 1) yield box;
    else yield* find(view, box, path.slice(1));
  }
}

/** A box of that type around `parts`. */
export function box(type: string, ...parts: readonly Uint8Array[]): Uint8Array {
  const size = parts.reduce((sum, part) => sum + part.length, 8);
  const bytes = new Uint8Array(size);
  viewOf(bytes).setUint32(0, size);
  for (let i = 0; i < 4; i++) bytes[4 + i] = type.charCodeAt(i);
  let at = 8;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** Version, flags and 32-bit fields of a full box. */
export function words(version: number, flags: number, fields: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(4 + 4 * fields.length);
  const view = viewOf(bytes);
  view.setUint32(0, (version << 24) | flags);
  fields.forEach((field, index) => view.setUint32(4 + 4 * index, field >>> 0));
  return bytes;
}

/** The parts end to end, in a buffer of their own. */
export function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
