/** From "this file under that title" to a channel that can be served: package, key, log; all kept for the next start. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { asWriteError } from '#ingest/ingest-error';
import { prerollMs } from '#ingest/live-timeline';
import { ChannelKey, createSeed } from '#ingest/node/channel-key';
import { openPackage, removeUnfinished, type MediaPackage } from '#ingest/node/media-package';
import { readOrigin } from '#ingest/node/package-address';
import { fetchRules, lookAt, PACKAGER_VERSION, packageSource } from '#ingest/node/package-source';
import type { ChunkOrigin } from '#ingest/packaged-stream';
import { signLog } from '#ingest/sign-log';
import type { ChannelId } from '#protocol/ids';
import type { LogEntry } from '#protocol/record';
import { LiveChannel, type LiveChannelNeeds } from './live-channel.ts';
import type { ChannelSpec } from './options.ts';
import { StoreError } from './store/store-error.ts';
import type { ChannelIdentity, Store, StoredChannel } from './store/store.ts';
import type { WallClock } from './tracker/ports.ts';
import { VodChannel, type VodChannelNeeds } from './vod-channel.ts';

export type HostedChannel = VodChannel | LiveChannel;

export interface HostingNeeds {
  readonly store: Store;
  readonly dataFolder: string;
  readonly clock: WallClock;
  onHead(channel: ChannelId, entry: LogEntry): void;
  onProgress(title: string, ratio: number): void;
  onFault(error: unknown): void;
}

export class Hosting {
  readonly #needs: HostingNeeds;
  readonly #packages: string;

  constructor(needs: HostingNeeds) {
    this.#needs = needs;
    this.#packages = join(needs.dataFolder, 'packages');
  }

  /** Makes the package folder and clears away what a crash left. @throws IngestError when the folder cannot be used. */
  async prepare(): Promise<void> {
    try {
      await mkdir(this.#packages, { recursive: true });
      await removeUnfinished(this.#packages);
    } catch (error) {
      throw asWriteError(error, this.#needs.dataFolder);
    }
  }

  /** @throws IngestError or StoreError, each with the sentence a person sees. */
  async host(spec: ChannelSpec): Promise<HostedChannel> {
    const pack = await this.#packageOf(spec);
    // The same film under a key of its own is another channel than without one.
    const source = spec.seed ? `${spec.path} (key of ${new ChannelKey(spec.seed).id})` : spec.path;
    const identity = { title: spec.title, kind: spec.kind, source, package: pack.id };
    const channel = this.#known(identity, spec.seed) ?? this.#addChannel(identity, pack, spec.seed ?? createSeed());
    const isListed = spec.isListed ?? true;
    const readRemote = (origin: ChunkOrigin, bytes: number): Promise<Uint8Array> => readOrigin(origin, bytes, fetchRules(spec.allowsPrivate ?? false));
    return spec.kind === 'vod' ? this.#vod(channel, pack, { isListed, readRemote, poster: spec.poster }) : this.#live(channel, pack, { isListed, poster: spec.poster });
  }

  async #packageOf(spec: ChannelSpec): Promise<MediaPackage> {
    const { store } = this.#needs;
    const mode = spec.kind === 'live' ? 'loop' : 'once';
    const way = spec.ladder ? `ladder ${spec.ladder.join(',')}` : mode;
    const rules = fetchRules(spec.allowsPrivate ?? false);
    const look = await lookAt(spec.path, rules);
    const state = { path: spec.path, mode: way, bytes: look.bytes, modifiedMs: look.modifiedMs, packager: PACKAGER_VERSION };
    const known = store.packageOf(state);
    const opened = known === undefined ? undefined : await openPackage(this.#packages, known);
    if (opened) return opened;
    const pack = await packageSource({ path: spec.path, look, mode, rules, ladder: spec.ladder, root: this.#packages, onProgress: this.#progressOf(spec.title) });
    store.rememberPackage(state, pack.id);
    return pack;
  }

  /** A report for each hundredth that is new. */
  #progressOf(title: string): (ratio: number) => void {
    let told = -1;
    return (ratio) => {
      const hundredth = Math.floor(ratio * 100);
      if (hundredth > told) this.#needs.onProgress(title, hundredth / 100);
      told = Math.max(told, hundredth);
    };
  }

  /**
   * The channel this was before. One whose key the host keeps is found by its key, and may have got another title or
   * place; its content is signed and cannot change. @throws StoreError where the key is another film's.
   */
  #known(identity: ChannelIdentity, seed: Uint8Array | undefined): StoredChannel | undefined {
    const { store } = this.#needs;
    if (!seed) return store.findChannel(identity);
    const found = store.channelOfKey(new ChannelKey(seed).id);
    if (!found) return undefined;
    if (found.kind !== identity.kind || found.package !== identity.package) {
      throw new StoreError('keyTaken', `The key given with --key is that of "${found.title}" (${found.source}), whose content is signed and cannot change: take another key file.`);
    }
    store.updateChannel(found.id, identity);
    return { ...found, title: identity.title, source: identity.source };
  }

  #addChannel(identity: ChannelIdentity, pack: MediaPackage, seed: Uint8Array): StoredChannel {
    const key = new ChannelKey(seed);
    const isVod = identity.kind === 'vod';
    const epochMs = isVod ? 0 : Math.floor(this.#needs.clock.nowMs() - prerollMs(pack.streams[0]!.chunks));
    const channel = { ...identity, id: key.id, seed, epochMs };
    const logs = new Map(isVod ? pack.streams.map((stream) => [stream.facts.id, signLog(key, stream)]) : []);
    this.#needs.store.addChannel(channel, logs);
    return channel;
  }

  #vod(channel: StoredChannel, pack: MediaPackage, how: Pick<VodChannelNeeds, 'isListed' | 'readRemote' | 'poster'>): VodChannel {
    const logs = new Map(pack.streams.map(({ facts }) => [facts.id, this.#needs.store.readLog(channel.id, facts.id)]));
    const isWhole = pack.streams.every(({ facts, chunks }) => logs.get(facts.id)?.length === chunks.length);
    if (!isWhole) throw new StoreError('damaged', `The log of "${channel.title}" in ${this.#needs.dataFolder} is incomplete: choose another folder with --data.`);
    return new VodChannel({ title: channel.title, ...how, key: new ChannelKey(channel.seed), pack, logs });
  }

  async #live(channel: StoredChannel, pack: MediaPackage, how: Pick<LiveChannelNeeds, 'isListed' | 'poster'>): Promise<LiveChannel> {
    const live = new LiveChannel({
      title: channel.title,
      ...how,
      key: new ChannelKey(channel.seed),
      pack,
      epochMs: channel.epochMs,
      clock: this.#needs.clock,
      onHead: (entry) => this.#needs.onHead(channel.id, entry),
      onFault: (error) => this.#needs.onFault(error),
    });
    await live.start();
    return live;
  }
}
