/**
 * The hls.js settings that go with the engine's loaders, each with its reason. The engine is patient and has its own
 * time-outs and retries; hls.js's are put out of the way, so that two layers do not give up on each other.
 */
import type { HlsConfig } from 'hls.js';
import type { ChannelDescription } from '#protocol/description';
import { liveSyncSeconds } from './live-target.ts';

/** Never time out, never retry: what the loader reports as failed cannot come. */
const PATIENT = {
  default: {
    maxTimeToFirstByteMs: Infinity,
    maxLoadTimeMs: Infinity,
    timeoutRetry: null,
    // `gone` during a live window's slide: hls.js then looks at the newer playlist and asks for something else.
    errorRetry: { maxNumRetry: 6, retryDelayMs: 500, maxRetryDelayMs: 4_000 },
  },
} as const;

/** What differs from hls.js's defaults, whatever the channel: enough to attach the element with. */
export const HLS_BASE: Partial<HlsConfig> = {
  manifestLoadPolicy: PATIENT,
  playlistLoadPolicy: PATIENT,
  fragLoadPolicy: PATIENT,
  // The first chunk may arrive before the MediaSource has opened.
  startFragPrefetch: true,
  // No first chunk of the lowest quality just to measure: its bytes would be nobody else's choice, hence nobody's peer.
  testBandwidth: false,
  // A chunk's beginning may be played before its end is there, where the chunk is several movie fragments.
  progressive: true,
  // No LL-HLS parts here; in this mode hls.js would also meddle with the playback rate, which live-position.ts does.
  lowLatencyMode: false,
  // What is ahead of the playhead in the player; the engine prefetches further by itself, from peers.
  maxBufferLength: 30,
  maxMaxBufferLength: 60,
  // Enough to step back; older media comes from the engine's own memory.
  backBufferLength: 30,
  // No third party is asked for anything, and no events of other formats are looked for.
  enableInterstitialPlayback: false,
  enableDateRangeMetadataCues: false,
  enableEmsgMetadataCues: false,
  enableID3MetadataCues: false,
};

/** What depends on the channel; hls.js reads it when it first loads something. */
export function channelConfig(description: ChannelDescription): Partial<HlsConfig> {
  const isLive = description.kind === 'live';
  return {
    // Chunks are fMP4, which hls.js passes through almost unread: a worker costs a start-up and a transfer per chunk and
    // saves nothing. MPEG-TS from an existing HLS folder is remuxed, and that belongs off the main thread.
    enableWorker: description.streams.some((stream) => stream.extension === 'ts' || stream.extension === 'aac'),
    // hls.js loses bytes where it decrypts a chunk piece by piece (AES-128): encrypted chunks are handed over whole.
    ...(description.streams.some((stream) => stream.keys !== undefined) ? { progressive: false } : {}),
    ...(isLive ? { liveSyncDuration: liveSyncSeconds(description), liveDurationInfinity: true } : {}),
  };
}
