/**
 * A scenario says, as data, who watches what over which network and what goes wrong. Everything has a unit in its name;
 * `checkScenario` turns impossible numbers into one sentence.
 */
import type { Policies } from '#engine/policy/policies';
import type { Settings } from '#engine/settings';
import type { OffsetPolicy } from './initial-offset.ts';
import type { NatClass, TopologyOptions } from './topology.ts';
import type { Film } from './trace.ts';

export class SimulatorError extends Error {
  override readonly name = 'SimulatorError';
}

/** How viewers come: all at once, one every so often, by chance at a mean rate, or all within a time. */
export type Arrivals =
  | { readonly kind: 'at-once' }
  | { readonly kind: 'staggered'; readonly everyMs: number }
  | { readonly kind: 'poisson'; readonly perSecond: number }
  | { readonly kind: 'flash'; readonly overMs: number };

/**
 * `honest` does as it should; `liar` sends wrong bytes in every piece; `mute` never answers a request; `drip` sends its
 * pieces at 2 kB/s; `freeRider` takes and gives nothing.
 */
export type Behaviour = 'honest' | 'liar' | 'mute' | 'drip' | 'freeRider';

export interface PeerClass {
  readonly name: string;
  /** Part of all peers, 0..1; the shares of a scenario add up to 1. */
  readonly share: number;
  readonly upBytesPerSecond: number;
  readonly downBytesPerSecond: number;
  readonly behaviour?: Behaviour;
}

/** What goes wrong, and when, in seconds from the beginning. Shares are of the peers present then. */
export type Fault =
  | { readonly atSeconds: number; readonly kind: 'killOrigin' | 'restoreOrigin' | 'killTracker' | 'restoreTracker' }
  | { readonly atSeconds: number; readonly kind: 'killPeers'; readonly share: number }
  /** `scaleBitrate` changes the chunks made from then on: live only. */
  | { readonly atSeconds: number; readonly kind: 'scaleUplinks' | 'scaleBitrate'; readonly factor: number }
  | { readonly atSeconds: number; readonly kind: 'freezePeers'; readonly share: number; readonly forSeconds: number };

export interface NetworkModel {
  readonly topology: TopologyOptions;
  /** Chance of losing one packet. */
  readonly packetLoss: number;
  /** Shares of NAT classes; they add up to 1. */
  readonly nats: Readonly<Partial<Record<NatClass, number>>>;
  /** Bytes under way in one direction of a data channel, and in one HTTP response. */
  readonly linkWindowBytes: number;
  readonly originWindowBytes: number;
  /** Work of two browsers on opening a connection, ms. */
  readonly setUpMs: number;
}

export interface Scenario {
  readonly name: string;
  /** One line for `--list`. */
  readonly summary: string;
  readonly kind: 'vod' | 'live';
  readonly peers: number;
  readonly arrivals: Arrivals;
  readonly durationSeconds: number;
  readonly chunkSeconds: number;
  /** Payload, bits a second. */
  readonly bitsPerSecond: number;
  /** VoD: length of the film. Live: what stays available behind the head. */
  readonly channelSeconds: number;
  /** Live: chunks between edge and playhead at the start. */
  readonly liveOffsetChunks: number;
  readonly classes: readonly PeerClass[];
  readonly network: NetworkModel;
  readonly originUpBytesPerSecond: number;
  readonly originThinkMs: number;
  /** Part of the peers present that is replaced by new ones each minute; half leave in good order, half vanish. */
  readonly churnPerMinute: number;
  /** VoD: leave at the end of the film, or keep the page open. */
  readonly leaveWhenFinished: boolean;
  readonly faults: readonly Fault[];
  /** Settings of every engine that differ from the defaults. */
  readonly settings: Partial<Settings>;
  /** Policies of every engine that differ from the defaults. */
  readonly policies: Partial<Policies>;
  /** Where a live viewer starts (initial-offset.ts). */
  readonly offsetPolicy: OffsetPolicy;
  /** VoD: viewers who jump about as those of this film did; null watches from the beginning to the end. */
  readonly film: Film | null;
}

const isShare = (value: number): boolean => value >= 0 && value <= 1;
const sumsToOne = (shares: readonly number[]): boolean => Math.abs(shares.reduce((sum, share) => sum + share, 0) - 1) < 1e-6;

/** @throws SimulatorError with one sentence when the scenario cannot be run. */
export function checkScenario(scenario: Scenario): void {
  const say = (isFine: boolean, sentence: string): void => {
    if (!isFine) throw new SimulatorError(sentence);
  };
  const positive = (value: number, what: string): void => say(Number.isFinite(value) && value > 0, `${what} must be more than 0, not ${value}.`);
  const { peers, classes, arrivals } = scenario;
  say(Number.isInteger(peers) && peers >= 1 && peers <= 100_000, `peers must be a whole number from 1 to 100000, not ${peers}.`);
  positive(scenario.durationSeconds, 'duration');
  positive(scenario.chunkSeconds, 'chunk-seconds');
  positive(scenario.bitsPerSecond, 'bitrate');
  positive(scenario.channelSeconds, 'channel-seconds');
  positive(scenario.originUpBytesPerSecond, 'the capacity of the seeder');
  say(scenario.channelSeconds >= scenario.chunkSeconds, 'A channel needs at least one chunk.');
  say(scenario.bitsPerSecond * scenario.chunkSeconds <= 200e6, 'A chunk of this bitrate and length would be larger than the protocol allows.');
  say(classes.length > 0 && sumsToOne(classes.map((one) => one.share)), 'The shares of the bandwidth classes must add up to 1.');
  for (const one of classes) {
    positive(one.upBytesPerSecond, `upload of class ${one.name}`);
    positive(one.downBytesPerSecond, `download of class ${one.name}`);
    say(
      one.downBytesPerSecond * 8 >= scenario.bitsPerSecond,
      `Class ${one.name} downloads ${one.downBytesPerSecond * 8} bit/s and could never play ${scenario.bitsPerSecond} bit/s.`,
    );
  }
  say(sumsToOne(Object.values(scenario.network.nats)), 'The shares of the NAT classes must add up to 1.');
  say(isShare(scenario.network.packetLoss), 'packet loss must be between 0 and 1.');
  say(scenario.churnPerMinute >= 0 && scenario.churnPerMinute <= 10, 'churn must be between 0 and 10 a minute.');
  if (arrivals.kind === 'poisson') positive(arrivals.perSecond, 'arrivals a second');
  if (scenario.film) {
    say(scenario.kind === 'vod', 'Only in a film can viewers jump about.');
    say(scenario.channelSeconds >= scenario.film.lengthSeconds, `The film lasts ${scenario.film.lengthSeconds} s, the channel ${scenario.channelSeconds} s.`);
  }
  say(scenario.liveOffsetChunks > 0, `offset must be more than 0, not ${scenario.liveOffsetChunks}.`);
  for (const fault of scenario.faults) {
    say(fault.atSeconds >= 0 && fault.atSeconds <= scenario.durationSeconds, `${fault.kind} happens after the end.`);
    if ('factor' in fault) positive(fault.factor, `the factor of ${fault.kind}`);
    if (fault.kind === 'scaleBitrate') say(scenario.kind === 'live', 'Only a live channel can change its bitrate.');
    if ('share' in fault) say(isShare(fault.share), `the share of ${fault.kind} must be between 0 and 1.`);
  }
}

/** A class that is everybody. Capacities in bits a second, as providers sell them. */
export const everybody = (upBits: number, downBits: number): readonly PeerClass[] => [
  { name: 'all', share: 1, upBytesPerSecond: upBits / 8, downBytesPerSecond: downBits / 8 },
];
