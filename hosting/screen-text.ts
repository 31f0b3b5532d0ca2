/** What a host sees in the terminal, as text: the progress bar, the link with its QR code, and the line that lives. Pure. */
import { renderUnicodeCompact } from 'uqr';
import type { ChannelFigures } from '#server/server';

const BAR_CELLS = 30;

/** `[#####.....] 50 %  Title` */
export function progressBar(title: string, ratio: number): string {
  const filled = Math.round(Math.min(1, Math.max(0, ratio)) * BAR_CELLS);
  return `[${'#'.repeat(filled)}${'.'.repeat(BAR_CELLS - filled)}] ${Math.floor(ratio * 100)} %  packaging ${title}`;
}

/** Bytes with three digits and the prefixes of the SI: 12.3 MB. */
export function bytesText(bytes: number): string {
  let [value, unit] = [bytes, 0];
  while (value >= 999.5 && unit < 5) [value, unit] = [value / 1000, unit + 1];
  const digits = unit === 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  return `${value.toFixed(digits)} ${['B', 'kB', 'MB', 'GB', 'TB', 'PB'][unit]!}`;
}

/** `3 viewers, 12.3 MB sent, 81 % from peers` */
export function figuresLine({ viewers, bytesOut, offloadRatio }: ChannelFigures): string {
  const share = offloadRatio === null ? '' : `, ${Math.round(offloadRatio * 100)} % carried by peers`;
  return `${viewers} ${viewers === 1 ? 'viewer' : 'viewers'}, ${bytesText(bytesOut)} sent${share}`;
}

/** The code in half blocks, two rows a line, dark on light as scanners want it. */
export const qrCode = (link: string): string => `${renderUnicodeCompact(link, { border: 2 })}\n`;
