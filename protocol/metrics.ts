/**
 * Every measure of how a swarm does, defined once: player, server and simulator call these functions, so that a figure
 * means the same wherever it is shown. Pure arithmetic on what the caller counted; null stands for "not defined here",
 * which is not the same as 0. Sources are at each function; names the server exports are in metric-catalogue.ts.
 */
import type { BufferMap } from './buffer-map.ts';
import type { ChunkIndex } from './ids.ts';

const ratio = (part: number, whole: number): number | null => (whole > 0 ? part / whole : null);

/** Share of verified bytes that came from peers, 0..1; each byte counted once. Null before the first byte. */
export const offloadRatio = (bytesFromPeers: number, bytesFromSeeder: number): number | null =>
  ratio(bytesFromPeers, bytesFromPeers + bytesFromSeeder);

/** Bytes the seeder sent over bytes of one copy of what was watched; 1 is the floor while anybody watches all of it. */
export const originCopies = (seederBytes: number, oneCopyBytes: number): number | null => ratio(seederBytes, oneCopyBytes);

/**
 * Least share of the bytes that the seeder must send: max(1/n, 1 - u/r), from the streaming capacity
 * r <= min(u_s, (u_s + sum u_i) / n) (Kumar, Liu, Ross: "Stochastic fluid theory for P2P streaming systems", 2007).
 * @param upload mean usable upload of a viewer, in the unit of `rate`
 */
export const seederShareBound = (viewers: number, upload: number, rate: number): number => Math.max(1 / viewers, 1 - upload / rate);

/** E = (1 - seeder share) / (1 - bound): how much of what peers could carry they did carry. Null where they can carry nothing. */
export const efficiency = (seederShare: number, bound: number): number | null => ratio(1 - seederShare, 1 - bound);

/** Share of chunks that were ready at their deadline, 0..1 (the continuity index of Zhang et al., CoolStreaming, 2005). */
export const continuity = (chunksReady: number, chunksDue: number): number | null => ratio(chunksReady, chunksDue);

/** Flow between two peers is looked at in windows that do not overlap, milliseconds (analysis of PPLive and SopCast). */
export const FLOW_WINDOW_MS = 20_000;

/** More than this in one direction makes a parent or child: 4 KB/s, the K read as 1000. */
export const FLOW_BYTES_PER_SECOND = 4_000;

/** Whether so many bytes within one window make the sender a parent of the receiver, and the receiver its child. */
export const isParentFlow = (bytes: number, windowMs = FLOW_WINDOW_MS): boolean => bytes * 1000 > FLOW_BYTES_PER_SECOND * windowMs;

/** S and X of one window; both null where there is no parent. */
export interface Stability {
  /** S = 1 - |P' and P| / |P|: share of the parents now that are new. Does not see pure loss. */
  readonly s: number | null;
  /** X = 1 - |P| / (|P| + |A| + |L|), with A the new ones and L the lost ones. */
  readonly x: number | null;
}

/** How much a peer's parents changed from one window to the next: 0 not at all. (Analysis of PPLive and SopCast.) */
export function stability<T>(before: ReadonlySet<T>, now: ReadonlySet<T>): Stability {
  let kept = 0;
  for (const parent of now) if (before.has(parent)) kept++;
  if (now.size === 0) return { s: null, x: null };
  const changed = now.size - kept + (before.size - kept);
  return { s: 1 - kept / now.size, x: 1 - now.size / (now.size + changed) };
}

/** C = sum D B / sum B: mean distance of a downloaded byte, in the unit of `distance` (here round trip in ms). */
export function costOfDownload(flows: Iterable<{ readonly distance: number; readonly bytes: number }>): number | null {
  let [weighted, bytes] = [0, 0];
  for (const flow of flows) {
    weighted += flow.distance * flow.bytes;
    bytes += flow.bytes;
  }
  return ratio(weighted, bytes);
}

/** Bytes given over bytes taken. */
export const uploadRatio = (bytesUp: number, bytesDown: number): number | null => ratio(bytesUp, bytesDown);

/** Messages' bytes over media bytes: what it costs to agree on who sends what. */
export const controlRatio = (controlBytes: number, mediaBytes: number): number | null => ratio(controlBytes, mediaBytes);

/** Jain's index of fairness, (sum x)^2 / (n sum x^2): 1 when all give the same, 1/n when one gives all (1984). */
export function fairness(values: readonly number[]): number | null {
  const sum = values.reduce((total, value) => total + value, 0);
  return ratio(sum ** 2, values.length * values.reduce((total, value) => total + value ** 2, 0));
}

/** The value that a share `q` of the values does not exceed (nearest rank, no interpolation). */
export function quantile(values: readonly number[], q: number): number | null {
  const ordered = [...values].sort((a, b) => a - b);
  return ordered[Math.max(0, Math.ceil(q * ordered.length) - 1)] ?? null;
}

/** Position of the last chunk held; null for an empty map. (SIGCOMM 2008, PPLive VoD.) */
export const watchingIndex = (map: BufferMap): ChunkIndex | null => map.last ?? null;

/** V_p: consecutive chunks from the oldest one held. */
export const playableVideo = (map: BufferMap): number => (map.first === undefined ? 0 : map.runFrom(map.first));

/** L_p = s - f_p: chunks from the oldest one held to the newest there is. */
export const offsetLag = (map: BufferMap, newest: ChunkIndex): number | null => (map.first === undefined ? null : newest - map.first);

/** Whether what is held is one run, as of a viewer who did not jump. */
export const isSmoother = (map: BufferMap): boolean => map.count > 0 && playableVideo(map) === map.count;

/** A film's holders over its viewers: evict where it is highest. */
export const availabilityToDemand = (holders: number, viewers: number): number | null => ratio(holders, viewers);

/** One stretch of viewing without a jump: start and end, and the buffering within, all ms. */
export interface ViewingStretch {
  readonly startMs: number;
  readonly endMs: number;
  readonly bufferingMs: number;
}

const playedMs = (stretch: ViewingStretch): number => stretch.endMs - stretch.startMs - stretch.bufferingMs;
const sumOf = <T>(items: readonly T[], of: (item: T) => number): number => items.reduce((sum, item) => sum + of(item), 0);

/** F = sum(ET - ST - BT) / sum(ET - ST): share of the time that the picture moved (SIGCOMM 2008, PPLive VoD). */
export const fluency = (stretches: readonly ViewingStretch[]): number | null =>
  ratio(sumOf(stretches, playedMs), sumOf(stretches, (s) => s.endMs - s.startMs));

/** S = sum W Q, W = (ET - ST - BT) / sum(ET - ST), quality Q in 0..1: fluency weighted with what was seen (same source). */
export const satisfaction = (stretches: readonly (ViewingStretch & { readonly quality: number })[]): number | null =>
  ratio(sumOf(stretches, (s) => playedMs(s) * s.quality), sumOf(stretches, (s) => s.endMs - s.startMs));

/** Replication of `length` chunks over peers (SIGCOMM 2008, PPLive VoD): mean(H2) = H1 <= H0. */
export interface ReplicationHealth {
  /** Peers that hold any of the chunks. */
  readonly h0: number;
  /** Sum of the fractions they hold. */
  readonly h1: number;
  /** Copies of each chunk, and their minimum and variance. */
  readonly h2: readonly number[];
  readonly minimum: number;
  readonly variance: number;
}

/** Health of chunks `first` to `first + length - 1`; null where there are none. */
export function replicationHealth(maps: Iterable<BufferMap>, first: ChunkIndex, length: number): ReplicationHealth | null {
  if (length < 1) return null;
  const h2 = new Array<number>(length).fill(0);
  let h0 = 0;
  for (const map of maps) {
    let isHolder = false;
    for (const chunk of map) {
      if (chunk < first || chunk >= first + length) continue;
      h2[chunk - first]!++;
      isHolder = true;
    }
    if (isHolder) h0++;
  }
  const h1 = sumOf(h2, (copies) => copies) / length;
  const variance = sumOf(h2, (copies) => (copies - h1) ** 2) / length;
  return { h0, h1, h2, minimum: h2.reduce((least, copies) => Math.min(least, copies)), variance };
}
