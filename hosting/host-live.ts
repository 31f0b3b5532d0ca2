/**
 * Live sources that are cut into chunks already: a playlist elsewhere that grows, and a file as television on a server
 * elsewhere. Both are put on the air chunk by chunk like what OBS sends (live-publisher.ts), here or on that server.
 */
import { readFile } from 'node:fs/promises';
import { readTrackFragments, readTracks, shiftFragment } from '#ingest/fragment';
import { PlaylistFollower } from '#ingest/node/follow-playlist';
import { chunkPath, type MediaPackage } from '#ingest/node/media-package';
import { addressPlace } from '#ingest/node/package-address';
import { fetchRules } from '#ingest/node/package-source';
import { base64ToBytes } from '#protocol/base64';
import { clock } from '#server/process-world';
import type { Hosted } from './hosted.ts';
import type { HostScreen } from './host-screen.ts';
import type { LivePublisher, ReadyChunks } from './live-publisher.ts';
import { putLive, type Feed, type LiveJob } from './put-live.ts';

/** @param url of a playlist that grows. @throws what stands in the way, with one sentence. */
export const hostLiveOrigin = (job: LiveJob, url: string, screen: HostScreen): Promise<Hosted> =>
  putLive(job, screen, (publisher) => new PlaylistFollower({
    url, place: addressPlace(fetchRules(job.options.allowsPrivate)), ...clock,
    onTrouble: (message) => screen.report({ event: 'warning', message }),
    onStretch({ init, extension }, backlogUs) {
      const chunks = publisher.follow({ init: Uint8Array.from(init), extension, isProgressive: false }, backlogUs);
      const move = init.length > 0 ? mover(init) : (bytes: Uint8Array): Uint8Array => bytes;
      return { segment: (bytes, durationUs) => chunks.chunk(durationUs, (startUs, sequence) => move(bytes, startUs, sequence)), ended: () => chunks.ended() };
    },
  }));

/** A package as television, on the server that the options name. @throws what stands in the way, with one sentence. */
export const hostLoop = (job: LiveJob, pack: MediaPackage, screen: HostScreen): Promise<Hosted> =>
  putLive(job, screen, (publisher) => new LoopFeed(pack, publisher, (message) => screen.report({ event: 'warning', message })));

/** Times as the channel counts them: the first segment of a stretch goes where the stretch begins, the others follow it as they did. */
function mover(init: Uint8Array): (bytes: Uint8Array, startUs: number, sequence: number) => Uint8Array {
  const tracks = readTracks(init);
  const lead = tracks.find(({ isVideo }) => isVideo) ?? tracks[0];
  let offsetUs: number | undefined;
  return (bytes, startUs, sequence) => {
    const first = readTrackFragments(bytes).find(({ id, samples }) => id === lead?.id && samples > 0);
    if (first && lead) offsetUs ??= startUs - Math.round((Number(first.baseDecodeTime) / lead.timescale) * 1e6);
    return shiftFragment(bytes, tracks, offsetUs ?? 0, (sequence + 1) % 0x100_0000);
  };
}

class LoopFeed implements Feed {
  readonly #pack: MediaPackage;
  readonly #publisher: LivePublisher;
  readonly #onTrouble: (sentence: string) => void;
  readonly #position = { chunk: 0, dueMs: 0 };
  #cancel: () => void = () => undefined;
  #chunks: ReadyChunks | undefined;

  constructor(pack: MediaPackage, publisher: LivePublisher, onTrouble: (sentence: string) => void) {
    this.#pack = pack;
    this.#publisher = publisher;
    this.#onTrouble = onTrouble;
  }

  async start(): Promise<void> {
    const { facts } = this.#pack.streams[0]!;
    this.#chunks = this.#publisher.follow({ init: base64ToBytes(facts.init), extension: facts.extension, isProgressive: facts.isProgressive ?? false });
    this.#position.dueMs = clock.nowMs();
    await this.#next();
  }

  close(): void {
    this.#cancel();
    this.#chunks?.ended();
    this.#chunks = undefined;
  }

  /** A chunk goes out when its last sample is on air; the first at once, because somebody waits for it. */
  async #next(): Promise<void> {
    const stream = this.#pack.streams[0]!;
    const at = this.#position.chunk;
    const { startUs: ownUs, durationUs } = stream.chunks[at]!;
    const bytes = new Uint8Array(await readFile(chunkPath(this.#pack, stream, at)));
    const tracks = readTracks(base64ToBytes(stream.facts.init));
    this.#chunks?.chunk(durationUs, (startUs, sequence) => shiftFragment(bytes, tracks, startUs - ownUs, (sequence + 1) % 0x100_0000));
    this.#position.chunk = (at + 1) % stream.chunks.length;
    this.#position.dueMs += stream.chunks[this.#position.chunk]!.durationUs / 1000;
    if (!this.#chunks) return;
    this.#cancel = clock.after(Math.max(0, this.#position.dueMs - clock.nowMs()), () => void this.#next().catch((error: unknown) => this.#onTrouble(String(error))));
  }
}
