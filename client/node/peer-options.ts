/** The command line of the headless peer: what it understands, and one clear sentence for what it does not. */
import { parseArgs } from 'node:util';
import type { P2pMode } from '#engine/viewer-snapshot';
import { isIdText, parseChannelId, type ChannelId } from '#protocol/ids';

export interface PeerOptions {
  readonly serverUrl: string;
  readonly channel: ChannelId;
  /** Peers in this process. */
  readonly count: number;
  readonly mode: P2pMode;
  readonly role: 'viewer' | 'contributor';
  /** Milliseconds until it leaves by itself; null is never. */
  readonly durationMs: number | null;
  readonly isJson: boolean;
  /** Bytes a second and peer; 0 is no cap. */
  readonly uploadCapBytesPerSecond: number;
  /** Leaves once a VoD channel has been watched to its end; otherwise it stays and shares. */
  readonly leavesAtEnd: boolean;
}

export const USAGE = `Usage: npm run peer -- <watch URL> [options]

  --count N            peers in this process (1)
  --mode on|download|off   share, only take, or the seeder alone (on)
  --role viewer|contributor   with a playhead, or only to share (viewer)
  --duration SECONDS   leave after that time
  --upload-cap KB/s    what each peer sends at most
  --leave-at-end       leave when a channel on demand has been watched
  --json               one JSON line a second and peer
`;

/** A sentence for the person at the terminal. */
export class UsageError extends Error {}

/** @throws UsageError */
export function readOptions(args: readonly string[]): PeerOptions | 'help' {
  const { values, positionals } = parse(args);
  if (values.help === true) return 'help';
  const [url, ...rest] = positionals;
  if (url === undefined) throw new UsageError('Give the URL of a watch page, for example http://localhost:8080/watch/…');
  if (rest.length > 0) throw new UsageError(`One watch URL at a time; "${rest[0] ?? ''}" is one too many.`);
  return {
    ...readWatchUrl(url),
    count: readNumber('--count', values.count ?? '1', 1, 500, true),
    mode: readChoice('--mode', values.mode ?? 'on', ['on', 'download', 'off']),
    role: readChoice('--role', values.role ?? 'viewer', ['viewer', 'contributor']),
    durationMs: values.duration === undefined ? null : readNumber('--duration', values.duration, 0, 1e7) * 1000,
    isJson: values.json ?? false,
    uploadCapBytesPerSecond: readNumber('--upload-cap', values['upload-cap'] ?? '0', 0, 1e6) * 1000,
    leavesAtEnd: values['leave-at-end'] ?? false,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        count: { type: 'string' },
        mode: { type: 'string' },
        role: { type: 'string' },
        duration: { type: 'string' },
        json: { type: 'boolean' },
        'upload-cap': { type: 'string' },
        'leave-at-end': { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (cause) {
    throw new UsageError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

function readWatchUrl(text: string): Pick<PeerOptions, 'serverUrl' | 'channel'> {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const [, id] = /^\/(?:watch|embed|channels)\/([^/]+)/.exec(url?.pathname ?? '') ?? [];
  if (url === undefined || !/^https?:$/.test(url.protocol) || id === undefined || !isIdText(id)) {
    throw new UsageError(`"${text}" is not the URL of a watch page; those look like http://localhost:8080/watch/ and 32 letters and digits.`);
  }
  return { serverUrl: url.origin, channel: parseChannelId(id) };
}

function readNumber(name: string, text: string, min: number, max: number, isWhole = false): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= min && value <= max) || (isWhole && !Number.isInteger(value))) {
    throw new UsageError(`${name} takes a ${isWhole ? 'whole ' : ''}number from ${min} to ${max}, not "${text}".`);
  }
  return value;
}

function readChoice<T extends string>(name: string, text: string, choices: readonly T[]): T {
  const choice = choices.find((known) => known === text);
  if (choice === undefined) throw new UsageError(`${name} is one of ${choices.join(', ')}, not "${text}".`);
  return choice;
}
