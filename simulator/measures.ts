/**
 * What came of a run, by the definitions of docs/GLOSSARY.md: origin copies, offload, efficiency, what viewers went
 * through, fairness, control and waste. Media bytes are counted by engines when verified and by the seeder when sent;
 * control and uploads are read from the messages themselves.
 */
import type { SimPeer } from './sim-peer.ts';
import { mean, percentile, rounded, sum } from './statistics.ts';
import type { World } from './world.ts';

/** One second of the run. */
export interface Second {
  readonly second: number;
  readonly viewers: number;
  readonly stalled: number;
  /** Sent in this second, payload bytes. */
  readonly originBytes: number;
  readonly peerBytes: number;
  readonly controlBytes: number;
}

export interface RunResult {
  readonly scenario: string;
  readonly seed: number | string;
  readonly peers: number;
  readonly arrived: number;
  readonly seconds: number;
  /** Bytes the seeder sent / bytes of one copy of everything that was watched. */
  readonly originCopies: number | null;
  readonly originBytes: number;
  readonly copyBytes: number;
  /** Verified bytes from peers / all verified bytes. */
  readonly offload: number | null;
  /** (1 - seeder share) / (1 - max(1/n, 1 - u/r)), n being copies wanted. */
  readonly efficiency: number | null;
  /** The bound max(1/n, 1 - u/r) itself. */
  readonly leastSeederShare: number | null;
  readonly viewersStarted: number;
  readonly viewersFinished: number;
  readonly stalls: number;
  readonly stalledMs: number;
  readonly viewersStalled: number;
  readonly startupMs: Spread;
  readonly lagMs: Spread;
  /** Share of chunks that were there at their moment. */
  readonly continuity: number | null;
  /** Share of viewers with a continuity of at least 0.999. */
  readonly viewersSmooth: number | null;
  /** Bytes on links that are not payload / verified media bytes. */
  readonly controlShare: number | null;
  /** Media bytes that arrived twice, unasked or wrong / verified media bytes. */
  readonly wastedShare: number | null;
  /** Largest upload / download among peers that took at least ten chunks. */
  readonly mostLoadedRatio: number | null;
  readonly parents: number | null;
  readonly parentChangeS: number | null;
  readonly parentChangeX: number | null;
  /** Mean round trip over which a payload byte came, ms. */
  readonly costOfDownloadMs: number | null;
  readonly originRequests: number;
  readonly messages: number;
  readonly events: number;
  readonly violations: readonly string[];
}

export interface Spread {
  readonly p50: number | null;
  readonly p95: number | null;
  readonly max: number | null;
}

export interface ParentSamples {
  readonly parents: number[];
  readonly s: number[];
  readonly x: number[];
}

const spread = (values: readonly number[]): Spread => ({
  p50: rounded(percentile(values, 0.5), 1),
  p95: rounded(percentile(values, 0.95), 1),
  max: rounded(percentile(values, 1), 1),
});

const ratio = (a: number, b: number): number | null => (b > 0 ? a / b : null);

/** Least share of the bytes that a seeder must send (Kumar, Liu, Ross 2007). */
export function leastSeederShare(copiesWanted: number, uploadBytesPerSecond: number, streamBytesPerSecond: number): number {
  return Math.max(1 / Math.max(1, copiesWanted), 1 - uploadBytesPerSecond / streamBytesPerSecond);
}

/** Upload of a peer that others can use, bytes a second. */
function usableUpload(peer: SimPeer, offered: number): number {
  return peer.behaviour === 'honest' && peer.host.nat !== 'blocked' ? offered : 0;
}

export function measure(world: World, seed: number | string, parents: ParentSamples): RunResult {
  const { peers, scenario, originServer, channel } = world;
  const totals = peers.map((peer) => peer.totals);
  const viewings = peers.map((peer) => peer.viewer.viewing);
  const fromPeers = sum(totals.map((total) => total.fromPeers));
  const demand = fromPeers + sum(totals.map((total) => total.fromSeeder));
  const copyBytes = sum([...world.deliveredChunks].map((chunk) => channel.length(chunk)));
  const upload = mean(peers.map((peer, at) => usableUpload(peer, world.classes[at]!.upBytesPerSecond))) ?? 0;
  const least = copyBytes > 0 ? leastSeederShare(demand / copyBytes, upload, scenario.bitsPerSecond / 8) : null;
  const seederShare = ratio(originServer.sentBytes, demand);
  const isMeaningful = least !== null && seederShare !== null && least < 1;
  const started = viewings.filter((viewing) => viewing.startupMs !== null);
  const due = sum(viewings.map((viewing) => viewing.dueChunks));
  const judged = viewings.filter((viewing) => viewing.dueChunks > 0);
  const tenChunks = (10 * scenario.bitsPerSecond * scenario.chunkSeconds) / 8;
  const loads = peers.flatMap((peer, at) => {
    const taken = totals[at]!.fromPeers + totals[at]!.fromSeeder;
    return taken >= tenChunks ? [peer.traffic.sentPayload / taken] : [];
  });
  const traffic = peers.map((peer) => peer.traffic);
  const received = sum(traffic.map((one) => one.receivedPayload));
  return {
    scenario: scenario.name,
    seed,
    peers: scenario.peers,
    arrived: peers.length,
    seconds: scenario.durationSeconds,
    originCopies: rounded(ratio(originServer.sentBytes, copyBytes)),
    originBytes: originServer.sentBytes,
    copyBytes,
    offload: rounded(ratio(fromPeers, demand)),
    efficiency: isMeaningful ? rounded((1 - seederShare) / (1 - least)) : null,
    leastSeederShare: rounded(least),
    viewersStarted: started.length,
    viewersFinished: viewings.filter((viewing) => viewing.hasFinished).length,
    stalls: sum(viewings.map((viewing) => viewing.stalls)),
    stalledMs: Math.round(sum(viewings.map((viewing) => viewing.stalledMs))),
    viewersStalled: viewings.filter((viewing) => viewing.stalls > 0).length,
    startupMs: spread(started.map((viewing) => viewing.startupMs!)),
    lagMs: spread(viewings.flatMap((viewing) => viewing.lagsMs)),
    continuity: rounded(ratio(sum(viewings.map((viewing) => viewing.readyChunks)), due), 5),
    viewersSmooth: rounded(ratio(judged.filter((viewing) => viewing.readyChunks >= 0.999 * viewing.dueChunks).length, judged.length)),
    controlShare: rounded(ratio(sum(traffic.map((one) => one.sentControl)), demand), 5),
    wastedShare: rounded(ratio(sum(totals.map((total) => total.wasted)), demand), 5),
    mostLoadedRatio: loads.length > 0 ? rounded(Math.max(...loads)) : null,
    parents: rounded(mean(parents.parents), 2),
    parentChangeS: rounded(mean(parents.s)),
    parentChangeX: rounded(mean(parents.x)),
    costOfDownloadMs: rounded(ratio(sum(traffic.map((one) => one.receivedByteMs)), received), 2),
    originRequests: originServer.requests,
    messages: sum(traffic.map((one) => one.sentMessages)),
    events: world.clock.fired,
    violations: world.violations,
  };
}
