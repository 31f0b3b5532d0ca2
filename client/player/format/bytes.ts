/** Amounts of bytes and rates as people read them: decimal units, three figures at most, never a space that breaks. */

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'] as const;
const NO_BREAK = '\u00a0';

/** `bytes` of zero or more: "0 B", "812 kB", "12.4 MB". Anything that is no amount reads as zero. */
export function formatBytes(bytes: number): string {
  let value = Number.isFinite(bytes) && bytes > 0 ? bytes : 0;
  let unit = 0;
  // 999.5 would be written as 1000.
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1_000;
    unit += 1;
  }
  const digits = unit > 0 && value < 99.95 ? 1 : 0;
  return `${value.toFixed(digits)}${NO_BREAK}${UNITS[unit]!}`;
}

/** Bytes a second: "340 kB/s". */
export const formatByteRate = (bytesPerSecond: number): string => `${formatBytes(bytesPerSecond)}/s`;

/** Bits a second, as streams are described: "1.1 Mbit/s". */
export function formatBitRate(bitsPerSecond: number): string {
  if (!Number.isFinite(bitsPerSecond) || bitsPerSecond <= 0) return `0${NO_BREAK}kbit/s`;
  if (bitsPerSecond < 999_500) return `${Math.round(bitsPerSecond / 1_000)}${NO_BREAK}kbit/s`;
  return `${(bitsPerSecond / 1_000_000).toFixed(1)}${NO_BREAK}Mbit/s`;
}
