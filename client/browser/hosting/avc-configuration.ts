/**
 * H.264's parameters as a player's media header has them (AVCDecoderConfigurationRecord, ISO/IEC 14496-15, section
 * 5.3.3.1). Firefox up to 153 at least writes the first byte of every parameter set twice and leaves reserved bits at 0
 * (its bug 2031056): it plays what it has made, Chromium does not.
 */

/** Bytes before the parameter sets, and what of the last two is reserved and must be ones. */
const HEAD_BYTES = 6;
const RESERVED = [0xfc, 0xe0] as const;
const COUNT = 0x1f;

/** The same without that fault; what has none, or is no such record, comes back untouched. */
export function mendAvcConfiguration(record: Uint8Array): Uint8Array {
  // A sequence parameter set begins with its type and the profile, which the record names too: no profile is a type.
  const [type, profile] = [record[HEAD_BYTES + 2], record[1]];
  const isDoubled = type !== undefined && record[HEAD_BYTES + 3] === type && record[HEAD_BYTES + 4] === profile;
  if (!isDoubled) return record;
  const mended = [...record.subarray(0, 4), record[4]! | RESERVED[0], record[5]! | RESERVED[1]];
  let at = HEAD_BYTES;
  const copySets = (count: number): void => {
    for (let set = 0; set < count; set++) {
      const bytes = (record[at]! << 8) | record[at + 1]!;
      mended.push((bytes - 1) >> 8, (bytes - 1) & 0xff, ...record.subarray(at + 3, at + 2 + bytes));
      at += 2 + bytes;
    }
  };
  copySets(record[5]! & COUNT);
  const pictureSets = record[at++] ?? 0;
  mended.push(pictureSets);
  copySets(pictureSets);
  return Uint8Array.from([...mended, ...record.subarray(at)]);
}
