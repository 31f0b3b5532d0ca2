/**
 * Live sources that are cut into chunks already: an origin's playlists that grow, and a file as television on a server
 * elsewhere. Both are put on the air chunk by chunk like what OBS sends (live-publisher.ts), here or on that server.
 */
import { readFile } from 'node:fs/promises';
import { readTracks, shiftFragment } from '#ingest/fragment';
import { OriginFollower } from '#ingest/node/follow-origin';
import { chunkPath, type MediaPackage } from '#ingest/node/media-package';
import { addressPlace } from '#ingest/node/package-address';
import { fetchRules } from '#ingest/node/package-source';
import type { HlsSource } from '#ingest/package-hls';
import { streamFacts } from '#ingest/stream-facts';
import { base64ToBytes } from '#protocol/base64';
import { clock } from '#server/process-world';
import type { Hosted } from './hosted.ts';
import type { HostScreen } from './host-screen.ts';
import type { LivePublisher, Stretch } from './live-publisher.ts';
import { putLive, type Feed, type LiveJob } from './put-live.ts';
import { lookInto } from './rtmp-connection.ts';

/** @param sources the playlists of an origin that grow. @throws what stands in the way, with one sentence. */
export const hostLiveOrigin = (job: LiveJob, sources: readonly HlsSource[], screen: HostScreen): Promise<Hosted> =>
  putLive(job, screen, (publisher) => new OriginFollower({
    sources, place: addressPlace(fetchRules(job.options.allowsPrivate)), ...clock,
    onTrouble: (message) => screen.report({ event: 'warning', message }),
    onStretch: (streams, backlogUs) => publisher.begin(streams.map(({ source, ...stream }) => ({
      ...stream, isProgressive: false, facts: (first) => streamFacts(source, first, stream.keys.length > 0),
    })), backlogUs),
  }));

/** A package as television, on the server that the options name. @throws what stands in the way, with one sentence. */
export const hostLoop = (job: LiveJob, pack: MediaPackage, screen: HostScreen): Promise<Hosted> =>
  putLive(job, screen, (publisher) => new LoopFeed(pack, publisher, (message) => screen.report({ event: 'warning', message })));

/** Of a film as television the first stream alone is sent. */
const STREAM = 0;

class LoopFeed implements Feed {
  readonly #pack: MediaPackage;
  readonly #publisher: LivePublisher;
  readonly #onTrouble: (sentence: string) => void;
  readonly #position = { chunk: 0, dueMs: 0 };
  #cancel: () => void = () => undefined;
  #stretch: Stretch | undefined;

  constructor(pack: MediaPackage, publisher: LivePublisher, onTrouble: (sentence: string) => void) {
    this.#pack = pack;
    this.#publisher = publisher;
    this.#onTrouble = onTrouble;
  }

  async start(): Promise<void> {
    const { facts } = this.#pack.streams[STREAM]!;
    this.#stretch = this.#publisher.begin([{ init: base64ToBytes(facts.init), extension: facts.extension, isProgressive: facts.isProgressive ?? false, facts: lookInto }]);
    this.#position.dueMs = clock.nowMs();
    await this.#next();
  }

  close(): void {
    this.#cancel();
    this.#stretch?.ended();
    this.#stretch = undefined;
  }

  /** A chunk goes out when its last sample is on air; the first at once, because somebody waits for it. */
  async #next(): Promise<void> {
    const stream = this.#pack.streams[STREAM]!;
    const at = this.#position.chunk;
    const { startUs: ownUs, durationUs } = stream.chunks[at]!;
    const packaged = new Uint8Array(await readFile(chunkPath(this.#pack, stream, at)));
    if (!this.#stretch) return;
    const { startUs, sequence } = this.#stretch.next(STREAM);
    const bytes = shiftFragment(packaged, readTracks(base64ToBytes(stream.facts.init)), startUs - ownUs, (sequence + 1) % 0x100_0000);
    this.#stretch.chunk(STREAM, { bytes, durationUs });
    this.#position.chunk = (at + 1) % stream.chunks.length;
    this.#position.dueMs += stream.chunks[this.#position.chunk]!.durationUs / 1000;
    this.#cancel = clock.after(Math.max(0, this.#position.dueMs - clock.nowMs()), () => void this.#next().catch((error: unknown) => this.#onTrouble(String(error))));
  }
}
