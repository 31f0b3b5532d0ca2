/** What the server says of itself on standard output: one JSON object a line for programs, or sentences for people. */
import type { ChannelId } from '#protocol/ids';
import type { WallClock } from './tracker/ports.ts';

export type ServerEvent =
  /** `lan`: addresses under which other machines reach it, where they do. */
  | { readonly event: 'listening'; readonly url: string; readonly lan: readonly string[] }
  | { readonly event: 'channel'; readonly id: ChannelId; readonly title: string; readonly kind: 'vod' | 'live'; readonly url: string }
  | { readonly event: 'warning'; readonly message: string }
  | { readonly event: 'closing' };

export type Report = (event: ServerEvent) => void;

/** The same warning is not news for this long, ms. */
const REPEAT_MS = 60_000;

/** Passes events on, but a warning that was just given only once a minute: a full disk would otherwise fill the log too. */
export function withoutRepetition(report: Report, clock: Pick<WallClock, 'nowMs'>): Report {
  const given = new Map<string, number>();
  return (event) => {
    if (event.event === 'warning') {
      const nowMs = clock.nowMs();
      for (const [message, atMs] of given) if (nowMs - atMs >= REPEAT_MS) given.delete(message);
      if (given.has(event.message)) return;
      given.set(event.message, nowMs);
    }
    report(event);
  };
}

export const reportJson = (write: (text: string) => void): Report => (event) => write(`${JSON.stringify(event)}\n`);

export const reportText = (write: (text: string) => void): Report => (event) => {
  switch (event.event) {
    case 'listening':
      write(`Tributary is at ${event.url}\n`);
      for (const url of event.lan) write(`  on this network: ${url}\n`);
      break;
    case 'channel':
      write(`  ${event.kind === 'live' ? 'live' : 'on demand'}: ${event.title}  ${event.url}\n`);
      break;
    case 'warning':
      write(`Warning: ${event.message}\n`);
      break;
    case 'closing':
      write('Closing.\n');
      break;
  }
};
