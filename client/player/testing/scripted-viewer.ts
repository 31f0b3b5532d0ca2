/** A viewer that shows whatever a test or the gallery puts into it, and remembers what it was asked for. */
import { NO_PLAYBACK, type WatchSnapshot } from '#browser/watch-snapshot';
import type { ChunkSnapshot, NeighbourSnapshot, ViewerSnapshot } from '#engine/viewer-snapshot';
import { chunkIndex, streamId, type PeerId } from '#protocol/ids';
import type { PageViewer } from '../store/use-viewer.ts';

export const somePeer = (at: number): PeerId =>
  'qwertyuiopasdfghjklzxcvbnm234567'.slice(at % 29).padEnd(32, 'abcdefghijklmnopqrstuvwxyz234567').slice(0, 32) as PeerId;

export function neighbour(at: number, changes: Partial<NeighbourSnapshot> = {}): NeighbourSnapshot {
  return {
    peer: somePeer(at * 5), state: 'active', connectedMs: 20_000, rttMs: 12 + at * 9,
    downBytes: 700_000 * (at + 1), upBytes: 300_000 * at,
    downBytesPerSecond: 60_000 * at * at, upBytesPerSecond: 45_000 * ((at + 2) % 4),
    heldChunks: 12, playhead: chunkIndex(8), isChokedByThem: false, isChokedByUs: at % 3 === 0, ...changes,
  };
}

/** A chunk of 2 s of stream 0. */
export function chunk(index: number, changes: Partial<ChunkSnapshot> = {}): ChunkSnapshot {
  return {
    stream: streamId(0), index: chunkIndex(index), startUs: index * 2e6, durationUs: 2e6, state: 'missing',
    bytes: 280_000, bytesFromPeers: 0, bytesFromSeeder: 0, ...changes,
  };
}

export function snapshot(changes: Partial<ViewerSnapshot> = {}): ViewerSnapshot {
  return {
    mode: 'on', swarm: 'joined', seeder: 'ok', swarmSize: 6, neighbours: [], dialing: 0,
    bytes: { fromPeers: 0, fromSeeder: 0, toPeers: 0, wasted: 0, control: 0 },
    offloadRatio: null, downBytesPerSecond: 0, upBytesPerSecond: 0, playheadUs: 0, aheadUs: 0, live: null,
    timeline: [], bannedPeers: 0, notice: null, hosted: null, copies: null, ...changes,
  };
}

export const watchSnapshot = (changes: Partial<WatchSnapshot> = {}): WatchSnapshot => ({
  status: 'open', sentence: null, trouble: null, title: 'Big Buck Bunny', kind: 'vod', poster: null, thumbnails: null, engine: null, playback: NO_PLAYBACK,
  isMutedByBrowser: false, needsClick: false, live: null, levels: [], level: -1, isAutoLevel: true, sounds: [], sound: -1, ...changes,
});

export interface ScriptedViewer extends PageViewer {
  readonly asked: string[];
  become(state: WatchSnapshot): void;
}

export function scriptedViewer(initial: WatchSnapshot): ScriptedViewer {
  let state = initial;
  const listeners = new Set<() => void>();
  const asked: string[] = [];
  return {
    asked,
    getSnapshot: () => state,
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    jumpToLive: () => void asked.push('jumpToLive'),
    setLevel: (level) => void asked.push(`setLevel ${level}`),
    setSound: (stream) => void asked.push(`setSound ${stream}`),
    become(next) {
      state = next;
      for (const listener of listeners) listener();
    },
  };
}
