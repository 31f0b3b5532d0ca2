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
  pushFromPeers: { default: 20, min: 2, max: 1e6, unit: 'peers', reason: 'swarm from which live pieces are pushed: where everybody sees everybody, asking costs fewer copies and shares the load better' },
  pushRatio: { default: 1.25, min: 0, max: 64, unit: 'streams', reason: 'how many times the stream a peer sends on unasked at most, in children' },
  serveRatio: { default: 1.35, min: 0, max: 64, unit: 'times', reason: 'how many times what it took a viewer of a pushed live stream gives, asked and unasked; the first of a crowd are asked by everybody' },
  uploadCapBytesPerSecond: { default: 0, min: 0, max: 1e9, unit: 'bytes/s', reason: 'what this peer sends at most; 0 is no cap' },
  requestsPerPeerMax: { default: 64, min: 1, max: 512, unit: 'pieces', reason: '1 MiB in flight fills a fast path at 40 ms' },
  requestsPerPeerFirst: { default: 20, min: 1, max: 512, unit: 'pieces', reason: 'what a peer of unknown speed is trusted with: a chunk of 1.1 Mbit/s, so that the first one needs one round trip' },
  requestsPerPeerMin: { default: 4, min: 1, max: 64, unit: 'pieces', reason: 'what a slow peer is trusted with' },
  requestAheadMs: { default: 600, min: 50, max: 10_000, unit: 'ms', reason: 'requests to one peer are kept to what it sends in this time' },
  requestTimeoutMs: { default: 1_500, min: 100, max: 60_000, unit: 'ms', reason: 'a piece this late is asked for elsewhere, sooner when its deadline is near' },
  farWindowMs: { default: 60_000, min: 0, max: 600_000, unit: 'ms', reason: 'how far ahead of the playhead peers are asked' },
  originWindowMs: { default: 16_000, min: 0, max: 600_000, unit: 'ms', reason: 'how far ahead the seeder is asked for what no neighbour has' },
  originWindowAloneMs: { default: 30_000, min: 0, max: 600_000, unit: 'ms', reason: 'the same without any neighbour: what hls.js itself would buffer' },
  originTransfers: { default: 3, min: 1, max: 16, unit: 'requests', reason: 'requests to the seeder at once; browsers allow six to one host over HTTP/1.1' },
  dutyRunPieces: { default: 4, min: 1, max: 256, unit: 'pieces', reason: 'a new chunk is divided among neighbours in runs of this length (longer for large chunks): 64 KiB is worth a request' },
  dutyRunsMax: { default: 16, min: 1, max: 256, unit: 'runs', reason: 'runs one chunk is divided into at most' },
  firstFrameMs: { default: 1_500, min: 0, max: 60_000, unit: 'ms', reason: 'until the first frame shows, playback does not run and only the beginning is due; a player that needs more to begin gets it after this' },
  settlingMarginMs: { default: 100, min: 0, max: 10_000, unit: 'ms', reason: 'the ready margin in the first seconds, when parts of a chunk are played as they come' },
  readyMarginMs: { default: 300, min: 0, max: 10_000, unit: 'ms', reason: 'how long before its moment a chunk should be with the player, which has to append and decode it' },
  pausedSlackMs: { default: 20_000, min: 0, max: 600_000, unit: 'ms', reason: 'added to every deadline while the player is paused' },
  urgentFloorMs: { default: 250, min: 50, max: 60_000, unit: 'ms', reason: 'least slack before the seeder is asked in the first seconds after a start or seek, when little is buffered and peers are only being met; a seeder whose answers take longer is asked sooner' },
  urgentCeilingMs: { default: 4_000, min: 100, max: 60_000, unit: 'ms', reason: 'most slack in those seconds at which a seeder whose answers take long is asked' },
  urgentSteadyMs: { default: 700, min: 50, max: 60_000, unit: 'ms', reason: 'the same later on, when a second of trouble must not be seen' },
  settleMs: { default: 4_000, min: 0, max: 60_000, unit: 'ms', reason: 'how long after a start or seek that lasts' },
  urgentMs: { default: 1_500, min: 100, max: 60_000, unit: 'ms', reason: 'slack below which the seeder is asked whatever peers promise' },
  latePeerMs: { default: 250, min: 0, max: 10_000, unit: 'ms', reason: 'a neighbour that delivers within this is asked even for what is late already: the seeder would hardly be sooner' },
  startupRankDelayMs: { default: 150, min: 0, max: 5_000, unit: 'ms', reason: 'the same pause for the first chunk of several viewers that start together' },
  introductionMs: { default: 10_000, min: 0, max: 60_000, unit: 'ms', reason: 'how long after joining a viewer without a neighbour asks the seeder only for what is urgent' },
  lineSlackMs: { default: 6_000, min: 0, max: 600_000, unit: 'ms', reason: 'with more time than this neighbours take turns at a holder, so that copies multiply instead of all being asked of the first' },
  lineDelayMs: { default: 250, min: 0, max: 10_000, unit: 'ms', reason: 'pause between two turns at a holder: a run of pieces and its announcement' },
  rankDelayMs: { default: 1_200, min: 10, max: 60_000, unit: 'ms', reason: 'longest pause between the first, second, ... neighbour in line to fetch a new piece from the seeder; less than a chunk of 2 s, so that turns of viewers one chunk apart do not fall together' },
  announceMs: { default: 60, min: 5, max: 5_000, unit: 'ms', reason: 'have messages are gathered this long' },
  tickMs: { default: 100, min: 10, max: 1_000, unit: 'ms', reason: 'longest pause between two looks at deadlines' },
  memoryBytes: { default: 96 * 2 ** 20, min: 2 ** 20, max: 2 ** 34, unit: 'bytes', reason: 'media kept for playing and sharing' },
  originStallMs: { default: 8_000, min: 500, max: 120_000, unit: 'ms', reason: 'a transfer of the seeder without a byte this long is given up and counts as a failure' },
  originRetryMs: { default: 500, min: 50, max: 60_000, unit: 'ms', reason: 'first pause after the seeder failed; doubles up to 16 times this' },
  logAnswerMs: { default: 800, min: 50, max: 60_000, unit: 'ms', reason: 'how long a neighbour is given to answer a question about the log before the seeder is asked' },
  helloTimeoutMs: { default: 5_000, min: 100, max: 60_000, unit: 'ms', reason: 'a link without hello is closed' },
  unprovenMs: { default: 600, min: 50, max: 60_000, unit: 'ms', reason: 'a neighbour that never brought a piece gets this long for its first' },
  snubMs: { default: 10_000, min: 100, max: 600_000, unit: 'ms', reason: 'a neighbour that let several requests lapse is not asked this long' },
  redialMs: { default: 10_000, min: 100, max: 600_000, unit: 'ms', reason: 'pause before a candidate that failed is dialled again, and between two requests for more candidates' },
  silenceMs: { default: 8_000, min: 500, max: 120_000, unit: 'ms', reason: 'a neighbour that answers no ping this long is gone; ICE needs about 6 s' },
  pingMs: { default: 2_000, min: 100, max: 60_000, unit: 'ms', reason: 'round trip and liveness' },
  reportMs: { default: 10_000, min: 1_000, max: 600_000, unit: 'ms', reason: 'figures to the tracker' },
});

export type Settings = { readonly [K in keyof typeof SETTINGS]: number };

export const defaultSettings: Settings = Object.fromEntries(
  Object.entries(SETTINGS).map(([name, setting]) => [name, setting.default]),
) as unknown as Settings;
