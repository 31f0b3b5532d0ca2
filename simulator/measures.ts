/**
 * What came of a run, by the definitions of protocol/metrics.ts: origin copies, offload, efficiency, what viewers went
 * through, fairness, control and waste. Media bytes are counted by engines when verified and by the seeder when sent;
 * control and uploads are read from the messages themselves.
 */
import { BufferMap } from '#protocol/buffer-map';
import { chunkIndex } from '#protocol/ids';
import {
  continuity,
  controlRatio,
  costOfDownload,
  efficiency,
  fairness,
  fluency,
  isSmoother,
  offloadRatio,
  offsetLag,
  originCopies,
  playableVideo,
  replicationHealth,
  satisfaction,
  seederShareBound,
  uploadRatio,
  watchingIndex,
} from '#protocol/metrics';
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
  /** Jain's index over what peers uploaded. */
  readonly uploadFairness: number | null;
  /** From a jump to the next picture, and how many jumps. */
  readonly seekMs: Spread;
  readonly seeks: number;
  /** Share of the viewing time that the picture moved, and the same weighted with quality (1: there is one rendition). */
  readonly fluency: number | null;
  readonly satisfaction: number | null;
  /** Of those present at the end: mean position of the newest chunk held, mean run of chunks from the oldest one on, mean distance of the oldest one from the edge, share whose chunks are one run. */
  readonly watchingIndex: number | null;
  readonly playableChunks: number | null;
  readonly offsetLagChunks: number | null;
  readonly smootherShare: number | null;
  /** Replication at the end: peers holding anything, sum of held fractions, copies of the rarest chunk and their variance. */
  readonly health: { readonly h0: number; readonly h1: number; readonly minimum: number; readonly variance: number } | null;
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
  const least = copyBytes > 0 ? seederShareBound(Math.max(1, demand / copyBytes), upload, scenario.bitsPerSecond / 8) : null;
  const seederShare = ratio(originServer.sentBytes, demand);
  const started = viewings.filter((viewing) => viewing.startupMs !== null);
  const due = sum(viewings.map((viewing) => viewing.dueChunks));
  const judged = viewings.filter((viewing) => viewing.dueChunks > 0);
  const tenChunks = (10 * scenario.bitsPerSecond * scenario.chunkSeconds) / 8;
  const loads = peers.flatMap((peer, at) => {
    const taken = totals[at]!.fromPeers + totals[at]!.fromSeeder;
    return taken >= tenChunks ? [uploadRatio(peer.traffic.sentPayload, taken) ?? 0] : [];
  });
  const traffic = peers.map((peer) => peer.traffic);
  const stretches = viewings.flatMap((viewing) => viewing.stretches);
  return {
    scenario: scenario.name,
    seed,
    peers: scenario.peers,
    arrived: peers.length,
    seconds: scenario.durationSeconds,
    originCopies: rounded(originCopies(originServer.sentBytes, copyBytes)),
    originBytes: originServer.sentBytes,
    copyBytes,
    offload: rounded(offloadRatio(fromPeers, demand - fromPeers)),
    efficiency: least === null || seederShare === null ? null : rounded(efficiency(seederShare, least)),
    leastSeederShare: rounded(least),
    viewersStarted: started.length,
    viewersFinished: viewings.filter((viewing) => viewing.hasFinished).length,
    stalls: sum(viewings.map((viewing) => viewing.stalls)),
    stalledMs: Math.round(sum(viewings.map((viewing) => viewing.stalledMs))),
    viewersStalled: viewings.filter((viewing) => viewing.stalls > 0).length,
    startupMs: spread(started.map((viewing) => viewing.startupMs!)),
    lagMs: spread(viewings.flatMap((viewing) => viewing.lagsMs)),
    continuity: rounded(continuity(sum(viewings.map((viewing) => viewing.readyChunks)), due), 5),
    viewersSmooth: rounded(ratio(judged.filter((viewing) => viewing.readyChunks >= 0.999 * viewing.dueChunks).length, judged.length)),
    controlShare: rounded(controlRatio(sum(traffic.map((one) => one.sentControl)), demand), 5),
    wastedShare: rounded(ratio(sum(totals.map((total) => total.wasted)), demand), 5),
    mostLoadedRatio: loads.length > 0 ? rounded(Math.max(...loads)) : null,
    parents: rounded(mean(parents.parents), 2),
    parentChangeS: rounded(mean(parents.s)),
    parentChangeX: rounded(mean(parents.x)),
    costOfDownloadMs: rounded(costOfDownload(traffic.map((one) => ({ distance: one.meanDistanceMs, bytes: one.receivedPayload }))), 2),
    uploadFairness: rounded(fairness(traffic.map((one) => one.sentPayload))),
    seekMs: spread(viewings.flatMap((viewing) => viewing.seeksMs)),
    seeks: sum(viewings.map((viewing) => viewing.seeksMs.length)),
    fluency: rounded(fluency(stretches)),
    satisfaction: rounded(satisfaction(stretches.map((stretch) => ({ ...stretch, quality: 1 })))),
    ...measureBuffers(world),
    originRequests: originServer.requests,
    messages: sum(traffic.map((one) => one.sentMessages)),
    events: world.clock.fired,
    violations: world.violations,
  };
}

/** What the buffers of those present say at the end. */
function measureBuffers({ present, originServer }: World): Pick<RunResult, 'watchingIndex' | 'playableChunks' | 'offsetLagChunks' | 'smootherShare' | 'health'> {
  const maps = present.map((peer) => {
    const held = [...peer.store.heldChunks].sort((a, b) => a - b);
    const map = new BufferMap(held[0] ?? chunkIndex(0));
    for (const chunk of held) map.add(chunk);
    return map;
  });
  const holding = maps.filter((map) => map.count > 0);
  const newest = chunkIndex(Math.max(0, originServer.newest));
  const first = chunkIndex(Math.max(0, originServer.oldest));
  const health = replicationHealth(maps, first, newest - first + 1);
  return {
    watchingIndex: rounded(mean(holding.flatMap((map) => watchingIndex(map) ?? [])), 2),
    playableChunks: rounded(mean(holding.map(playableVideo)), 2),
    offsetLagChunks: rounded(mean(holding.flatMap((map) => offsetLag(map, newest) ?? [])), 2),
    smootherShare: rounded(ratio(holding.filter(isSmoother).length, holding.length)),
    health: health && { h0: health.h0, h1: rounded(health.h1, 2)!, minimum: health.minimum, variance: rounded(health.variance, 2)! },
  };
}
