/** One peer without a screen: engine, adapters and, with a playhead, a virtual player; the composition for Node. */
import wrtc from '@roamhq/wrtc';
import { FetchOrigin } from '#browser/fetch-origin';
import { MemoryStore } from '#browser/memory-store';
import { createPeerId, createRandom } from '#browser/random';
import { SimplePeerDialer, type OpeningGate } from '#browser/simple-peer-dialer';
import { SocketTracker } from '#browser/socket-tracker';
import { SystemClock, wallClockMs } from '#browser/system-clock';
import { createEngine } from '#engine/engine';
import type { Engine } from '#engine/engine-api';
import type { Cancel } from '#engine/ports';
import { defaultSettings } from '#engine/settings';
import type { P2pMode, ViewerSnapshot } from '#engine/viewer-snapshot';
import type { ChannelDescription } from '#protocol/description';
import type { ChannelId, PeerId } from '#protocol/ids';
import { HeadlessViewer, type HeadlessFigures } from './headless-viewer.ts';
import { NodeHasher } from './node-hasher.ts';

export interface HeadlessPeerOptions {
  readonly serverUrl: string;
  readonly channel: ChannelId;
  readonly description: ChannelDescription;
  readonly mode: P2pMode;
  readonly role: 'viewer' | 'contributor';
  readonly uploadCapBytesPerSecond: number;
  /** Shared by all peers of the process. */
  readonly gate: OpeningGate;
  readonly onEnded: () => void;
}

export class HeadlessPeer {
  readonly id: PeerId = createPeerId();
  readonly #engine: Engine;
  readonly #tracker: SocketTracker;
  readonly #viewer: HeadlessViewer | undefined;
  readonly #clock = new SystemClock();
  #stopReports: Cancel | undefined;

  constructor(options: HeadlessPeerOptions) {
    const { serverUrl, channel, description, mode, role, gate } = options;
    const clock = this.#clock;
    const random = createRandom();
    const chance = random.fork('tracker');
    this.#tracker = new SocketTracker({ serverUrl, clock, wallClockMs, chance: () => chance.next() });
    this.#engine = createEngine(
      {
        clock,
        wallClockMs,
        random: random.fork('engine'),
        hasher: new NodeHasher(),
        dialer: new SimplePeerDialer({ self: this.id, clock, wrtc, gate }),
        tracker: this.#tracker,
        origin: new FetchOrigin({
          serverUrl,
          channel,
          clock,
          extensionOf: (stream) => description.streams.find(({ id }) => id === stream)?.extension ?? 'm4s',
        }),
        store: new MemoryStore(),
      },
      {
        channel,
        description,
        peer: this.id,
        mode,
        role,
        settings: { ...defaultSettings, uploadCapBytesPerSecond: options.uploadCapBytesPerSecond },
      },
    );
    this.#engine.start();
    const hostMs = (): number => wallClockMs() + (this.#tracker.clockOffsetMs ?? 0);
    const viewerParts = { engine: this.#engine, description, clock, hostMs, onEnded: options.onEnded };
    this.#viewer = role === 'viewer' ? new HeadlessViewer(viewerParts) : undefined;
    this.#reportLater();
  }

  snapshot(): { readonly viewer: ViewerSnapshot; readonly playback: HeadlessFigures | null } {
    return { viewer: this.#engine.snapshot(), playback: this.#viewer?.figures() ?? null };
  }

  /** Says goodbye to neighbours and tracker. Idempotent. */
  close(): void {
    this.#stopReports?.();
    this.#report();
    this.#viewer?.close();
    this.#engine.close();
    this.#tracker.close();
  }

  #reportLater(): void {
    this.#stopReports = this.#clock.after(defaultSettings.reportMs, () => {
      this.#report();
      this.#reportLater();
    });
  }

  #report(): void {
    const figures = this.#viewer?.figures();
    this.#engine.report({
      stalls: figures?.stalls ?? 0,
      stalledMs: figures?.stalledMs ?? 0,
      startupMs: figures?.startupMs ?? 0,
      watchedMs: figures?.watchedMs ?? 0,
    });
  }
}
