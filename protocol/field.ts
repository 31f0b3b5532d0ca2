/**
 * The field kinds that messages are made of. A kind knows how to measure, write and read one value; reading checks
 * every length before it looks, so a decoder built from kinds cannot run past its input. Integers are big-endian.
 */

export class WireError extends Error {
  override readonly name = 'WireError';
}

/**
 * A position in bytes that are being read. Bytes are put together by shifts rather than through a DataView: making one
 * for each message cost more than reading it.
 */
export interface Reader {
  readonly bytes: Uint8Array;
  at: number;
}

/** A position in bytes that are being written; `bytes` is large enough because `size` was asked first. */
export interface Writer {
  readonly bytes: Uint8Array;
  at: number;
}

export interface Field<T> {
  /** For the generated table of the specification. */
  readonly label: string;
  size(value: T): number;
  write(out: Writer, value: T): void;
  /** @throws WireError when the bytes end early or a limit is passed. */
  read(from: Reader): T;
}

export type FieldValue<F> = F extends Field<infer T> ? T : never;

/** Reads from a plain view of the same memory: what Node calls a Buffer has a `slice` that does not copy. */
export function readerOf(bytes: Uint8Array): Reader {
  const isPlain = bytes.constructor === Uint8Array;
  return { bytes: isPlain ? bytes : new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength), at: 0 };
}

export const writerOf = (length: number, bytes: Uint8Array = new Uint8Array(length)): Writer => ({ bytes, at: 0 });

/** Moves on by `length` and returns where the value starts. */
function take(from: Reader, length: number): number {
  const start = from.at;
  if (start + length > from.bytes.length) throw new WireError('message ends early');
  from.at = start + length;
  return start;
}

function checkInteger(value: number, max: number, label: string): void {
  if (!Number.isInteger(value) || value < 0 || value > max) throw new WireError(`${value} is not a ${label}`);
}

function writeU16({ bytes }: Writer, at: number, value: number): void {
  bytes[at] = value >>> 8;
  bytes[at + 1] = value;
}

function writeU32(out: Writer, at: number, value: number): void {
  writeU16(out, at, value >>> 16);
  writeU16(out, at + 2, value);
}

const readU16 = ({ bytes }: Reader, at: number): number => (bytes[at]! << 8) | bytes[at + 1]!;
const readU32 = (from: Reader, at: number): number => readU16(from, at) * 0x1_0000 + readU16(from, at + 2);

export const u8: Field<number> = {
  label: 'u8',
  size: () => 1,
  write(out, value) {
    checkInteger(value, 0xff, 'u8');
    out.bytes[out.at++] = value;
  },
  read: (from) => from.bytes[take(from, 1)]!,
};

export const u16: Field<number> = {
  label: 'u16',
  size: () => 2,
  write(out, value) {
    checkInteger(value, 0xffff, 'u16');
    writeU16(out, out.at, value);
    out.at += 2;
  },
  read: (from) => readU16(from, take(from, 2)),
};

export const u32: Field<number> = {
  label: 'u32',
  size: () => 4,
  write(out, value) {
    checkInteger(value, 0xffff_ffff, 'u32');
    writeU32(out, out.at, value);
    out.at += 4;
  },
  read: (from) => readU32(from, take(from, 4)),
};

/** The same bytes under a branded type. */
export const branded = <T extends number>(field: Field<number>): Field<T> => field as unknown as Field<T>;

/** Six bytes: enough for microseconds over 8.9 years and for milliseconds since 1970; always a safe integer. */
export const u48: Field<number> = {
  label: 'u48',
  size: () => 6,
  write(out, value) {
    checkInteger(value, 0xffff_ffff_ffff, 'u48');
    writeU16(out, out.at, Math.floor(value / 0x1_0000_0000));
    writeU32(out, out.at + 2, value % 0x1_0000_0000);
    out.at += 6;
  },
  read(from) {
    const start = take(from, 6);
    return readU16(from, start) * 0x1_0000_0000 + readU32(from, start + 2);
  },
};

/** Exactly `length` bytes. What is read is a view of the input, not a copy. */
export function fixedBytes(length: number): Field<Uint8Array> {
  return {
    label: `bytes[${length}]`,
    size: () => length,
    write(out, value) {
      if (value.length !== length) throw new WireError(`expected ${length} bytes, got ${value.length}`);
      out.bytes.set(value, out.at);
      out.at += length;
    },
    read(from) {
      const start = take(from, length);
      return from.bytes.subarray(start, start + length);
    },
  };
}

/** Views of a few bytes cost more than the bytes: they make the engine of the language move them out of its heap. */
export const COPIED_BYTES = 64;

/** `length` bytes from `start`: a view of the input, or of few bytes a copy. */
function bytesAt({ bytes }: Reader, start: number, length: number): Uint8Array {
  if (length > COPIED_BYTES) return bytes.subarray(start, start + length);
  const copy = new Uint8Array(length);
  for (let at = 0; at < length; at++) copy[at] = bytes[start + at]!;
  return copy;
}

/** A u16 length, at most `max`, and that many bytes. What is read is a view of the input, or of few bytes a copy. */
export function shortBytes(max: number): Field<Uint8Array> {
  return {
    label: `bytes<=${max}`,
    size: (value) => 2 + value.length,
    write(out, value) {
      const { length } = value;
      if (length > max) throw new WireError(`expected at most ${max} bytes, got ${length}`);
      writeU16(out, out.at, length);
      if (length > COPIED_BYTES) out.bytes.set(value, out.at + 2);
      else for (let at = 0; at < length; at++) out.bytes[out.at + 2 + at] = value[at]!;
      out.at += 2 + length;
    },
    read(from) {
      const length = readU16(from, take(from, 2));
      if (length > max) throw new WireError(`${length} bytes where at most ${max} may stand`);
      return bytesAt(from, take(from, length), length);
    },
  };
}

/** All bytes up to the end of the message, between `min` and `max` of them; must be the last field. A view. */
export function remainingBytes(min: number, max: number): Field<Uint8Array> {
  return {
    label: `bytes ${min}..${max} to the end`,
    size: (value) => value.length,
    write(out, value) {
      if (value.length < min || value.length > max) throw new WireError(`expected ${min} to ${max} bytes`);
      out.bytes.set(value, out.at);
      out.at += value.length;
    },
    read(from) {
      const length = from.bytes.length - from.at;
      if (length < min || length > max) throw new WireError(`${length} bytes where ${min} to ${max} may stand`);
      const start = take(from, length);
      return from.bytes.subarray(start, start + length);
    },
  };
}

/** A u8 count, at most `max`, and that many items. */
export function list<T>(item: Field<T>, max: number): Field<readonly T[]> {
  return {
    label: `list<=${max} of ${item.label}`,
    size(values) {
      let sum = 1;
      for (const value of values) sum += item.size(value);
      return sum;
    },
    write(out, values) {
      if (values.length > max) throw new WireError(`expected at most ${max} items, got ${values.length}`);
      out.bytes[out.at++] = values.length;
      for (const value of values) item.write(out, value);
    },
    read(from) {
      const count = from.bytes[take(from, 1)]!;
      if (count > max) throw new WireError(`${count} items where at most ${max} may stand`);
      const values: T[] = [];
      for (let i = 0; i < count; i++) values.push(item.read(from));
      return values;
    },
  };
}

/** A value kept on the wire as something else, for ids: bytes there, branded text here. */
export function mapped<Wire, T>(field: Field<Wire>, label: string, to: (wire: Wire) => T, from: (value: T) => Wire): Field<T> {
  return {
    label,
    size: (value) => field.size(from(value)),
    write: (out, value) => field.write(out, from(value)),
    read: (reader) => to(field.read(reader)),
  };
}

// The variance of Field makes `Field<any>` the only honest bound for "a field of some type".
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Fields = Readonly<Record<string, Field<any>>>;
export type StructOf<F extends Fields> = { readonly [K in keyof F]: FieldValue<F[K]> };

/** Several named fields in order, themselves a field. */
export function struct<F extends Fields>(fields: F): Field<StructOf<F>> {
  const entries = Object.entries(fields).map(([name, field]) => ({ name, field }));
  return {
    label: `{${entries.map(({ name, field }) => `${name}: ${field.label}`).join(', ')}}`,
    size(value) {
      let sum = 0;
      for (const { name, field } of entries) sum += field.size(value[name]);
      return sum;
    },
    write(out, value) {
      for (const { name, field } of entries) field.write(out, value[name]);
    },
    read(from) {
      const value: Record<string, unknown> = {};
      for (const { name, field } of entries) value[name] = field.read(from);
      return value as StructOf<F>;
    },
  };
}
