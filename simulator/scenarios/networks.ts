/**
 * Networks to choose from: one machine or house, everybody 60 ms apart, and something like the internet.
 */
import type { NetworkModel, PeerClass } from '../scenario.ts';
import { INTERNET_NATS, uniformTopology } from '../topology.ts';

/** Browsers of one machine: what the benchmark in bench/ runs on. */
export const LAN: NetworkModel = {
  topology: uniformTopology(0.5),
  packetLoss: 0,
  nats: { open: 1 },
  linkWindowBytes: 512 * 1024,
  originWindowBytes: 1024 * 1024,
  setUpMs: 60,
};

/** Round trips of 60 ms for everybody, everybody reachable: the network of the targets. */
export const SIXTY_MS: NetworkModel = {
  topology: uniformTopology(30),
  packetLoss: 0,
  nats: { open: 1 },
  // A single data channel of Chromium was window-limited to about 2 MB/s at 20 ms; 64 KiB a round trip is below that.
  linkWindowBytes: 64 * 1024,
  originWindowBytes: 512 * 1024,
  setUpMs: 60,
};

/** Five regions, four providers in each, last miles of 2 to 15 ms, loss, NATs. */
export const INTERNET: NetworkModel = {
  topology: {
    regions: 5,
    providersPerRegion: 4,
    sameProviderMs: 2,
    sameRegionMs: 8,
    betweenRegionsMs: [20, 90],
    accessMs: [2, 15],
  },
  packetLoss: 0.001,
  nats: INTERNET_NATS,
  linkWindowBytes: 64 * 1024,
  originWindowBytes: 512 * 1024,
  setUpMs: 60,
};

const mbit = (value: number): number => (value * 1e6) / 8;

/** What homes have: fibre, cable, DSL, a mobile network. Mean upload 9.9 Mbit/s. */
export const HOMES: readonly PeerClass[] = [
  { name: 'fibre', share: 0.15, upBytesPerSecond: mbit(40), downBytesPerSecond: mbit(200) },
  { name: 'cable', share: 0.4, upBytesPerSecond: mbit(7), downBytesPerSecond: mbit(80) },
  { name: 'dsl', share: 0.3, upBytesPerSecond: mbit(2), downBytesPerSecond: mbit(20) },
  { name: 'mobile', share: 0.15, upBytesPerSecond: mbit(3), downBytesPerSecond: mbit(25) },
];
