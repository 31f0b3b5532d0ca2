/**
 * Everything about the engine that can be tuned, each with its unit, default, range and reason. The reference page in
 * docs is generated from this table.
 */

interface Setting {
  readonly default: number;
  readonly min: number;
  readonly max: number;
  readonly unit: string;
  readonly reason: string;
}

const define = <T extends Record<string, Setting>>(table: T): T => table;

export const SETTINGS = define({
  maxNeighbours: { default: 12, min: 0, max: 64, unit: 'peers', reason: 'links kept at most; each costs memory and control bytes, and 8 to 12 already mix well' },
  dialsAtOnce: { default: 6, min: 1, max: 32, unit: 'peers', reason: 'PeerConnections being opened together; browsers slow down past a handful' },
  uploadSlots: { default: 12, min: 0, max: 64, unit: 'peers', reason: 'neighbours served at the same time' },
  uploadCapBytesPerSecond: { default: 0, min: 0, max: 1e9, unit: 'bytes/s', reason: 'what this peer sends at most; 0 is no cap' },
  requestsPerPeerMax: { default: 64, min: 1, max: 512, unit: 'pieces', reason: '1 MiB in flight fills a fast path at 40 ms' },
  requestsPerPeerMin: { default: 4, min: 1, max: 64, unit: 'pieces', reason: 'what a peer of unknown or low speed is trusted with' },
  requestTimeoutMs: { default: 1_500, min: 100, max: 60_000, unit: 'ms', reason: 'a piece this late is asked for elsewhere, sooner when its deadline is near' },
  farWindowMs: { default: 60_000, min: 0, max: 600_000, unit: 'ms', reason: 'how far ahead of the playhead peers are asked' },
  originWindowMs: { default: 16_000, min: 0, max: 600_000, unit: 'ms', reason: 'how far ahead the seeder is asked for what no neighbour has' },
  urgentMs: { default: 1_500, min: 100, max: 60_000, unit: 'ms', reason: 'slack below which the seeder is asked whatever peers promise' },
  startupPatienceMs: { default: 250, min: 0, max: 10_000, unit: 'ms', reason: 'how long the very first chunk waits for a first link when the swarm has members' },
  rankDelayMs: { default: 500, min: 10, max: 10_000, unit: 'ms', reason: 'pause between the first, second, ... neighbour in line to fetch a new piece from the seeder' },
  announceMs: { default: 60, min: 5, max: 5_000, unit: 'ms', reason: 'have messages are gathered this long' },
  tickMs: { default: 100, min: 10, max: 1_000, unit: 'ms', reason: 'longest pause between two looks at deadlines' },
  memoryBytes: { default: 96 * 2 ** 20, min: 2 ** 20, max: 2 ** 34, unit: 'bytes', reason: 'media kept for playing and sharing' },
  helloTimeoutMs: { default: 5_000, min: 100, max: 60_000, unit: 'ms', reason: 'a link without hello is closed' },
  silenceMs: { default: 8_000, min: 500, max: 120_000, unit: 'ms', reason: 'a neighbour that answers no ping this long is gone; ICE needs about 6 s' },
  pingMs: { default: 2_000, min: 100, max: 60_000, unit: 'ms', reason: 'round trip and liveness' },
  reportMs: { default: 10_000, min: 1_000, max: 600_000, unit: 'ms', reason: 'figures to the tracker' },
});

export type Settings = { readonly [K in keyof typeof SETTINGS]: number };

export const defaultSettings: Settings = Object.fromEntries(
  Object.entries(SETTINGS).map(([name, setting]) => [name, setting.default]),
) as unknown as Settings;
