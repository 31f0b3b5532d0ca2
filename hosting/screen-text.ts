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

/** What the host's own peer sent is the host's: it counts as sent, and is nobody else's merit; nor is it a viewer. */
export function withOffer(figures: ChannelFigures, offer: { readonly bytesOut: number } | undefined): ChannelFigures {
  if (!offer) return figures;
  const { bytesOut, offloadRatio } = figures;
  // Of all bytes that viewers had, bytesOut / (1 - share) by the seeder's count, the host's peer sent some.
  const total = offloadRatio === null || offloadRatio >= 1 ? null : bytesOut / (1 - offloadRatio);
  const share = total === null || total === 0 ? offloadRatio : Math.max(0, offloadRatio! - offer.bytesOut / total);
  return { viewers: Math.max(0, figures.viewers - 1), bytesOut: bytesOut + offer.bytesOut, offloadRatio: share };
}

/** The code in half blocks, two rows a line, dark on light as scanners want it. */
export const qrCode = (link: string): string => `${renderUnicodeCompact(link, { border: 2 })}\n`;
