/**
 * Channels whose hosts are elsewhere: takes what they publish, keeps it through restarts, lets go of what live has left
 * behind, and notices when a host falls silent. It knows nothing of HTTP; publish-replies.ts does.
 */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { asWriteError, IngestError } from '#ingest/ingest-error';
import type { ChannelId } from '#protocol/ids';
import type { HostPresence } from '#protocol/hosted';
import { PRESENCE_SILENCE_MS, type PublishedDescription, type PublishState } from '#protocol/publishing';
import { decodeLogEntries, type LogEntry } from '#protocol/record';
import { WireError } from '#protocol/field';
import type { ChannelDescription } from '#protocol/description';
import type { PublishedStore } from '#server/store/published-store';
import type { Cancel, WallClock } from '#server/tracker/ports';
import { ChunkFolder } from './chunk-folder.ts';
import { PublishError } from './publish-error.ts';
import { openPublished, PublishedChannel } from './published-channel.ts';
import type { PublishSettings } from './publish-settings.ts';
import { isAbandoned, mayGiveWay, type Silence } from './retention.ts';

/** How often abandoned channels are looked for, ms: they are counted in days. */
const SWEEP_MS = 3_600_000;

export interface PublishingNeeds {
  readonly store: PublishedStore;
  readonly dataFolder: string;
  readonly clock: WallClock;
  readonly settings: PublishSettings;
  /** A channel can be watched, or watched again by a changed description. */
  onOpened(channel: PublishedChannel): void;
  onRemoved(channel: ChannelId): void;
  /** Live: a chunk's entry is new. */
  onHead(channel: ChannelId, entry: LogEntry): void;
  /** State, peer or floor of a host changed. */
  onPresence(channel: PublishedChannel): void;
  /** A file could not be removed: nothing a host can do about. */
  onFault(error: unknown): void;
}

export class Publishing {
  readonly #needs: PublishingNeeds;
  readonly #folder: string;
  readonly #channels = new Map<ChannelId, PublishedChannel>();
  readonly #silence = new Map<ChannelId, Cancel>();
  #stopSweep: Cancel = () => undefined;
  /** Chunks being written, so that two uploads of one do not meet. */
  readonly #writing = new Map<string, Promise<void>>();

  constructor(needs: PublishingNeeds) {
    this.#needs = needs;
    this.#folder = join(needs.dataFolder, 'published');
  }

  /** Opens what was published before the last stop. Hosts are away until they say otherwise. */
  async restore(): Promise<void> {
    for (const { signed, floor, isListed, isOver } of this.#needs.store.all()) {
      const description = JSON.parse(signed.description) as ChannelDescription;
      const channel = this.#create({ signed, floor, isListed }, description);
      for (const { id, extension } of description.streams) {
        channel.add(id, this.#needs.store.entries(channel.id, id));
        for (const index of await channel.folder.list(id, extension)) {
          const entry = channel.entry(id, index);
          if (entry) channel.hold(id, index, entry.signed.record.bytes);
        }
      }
      channel.setPresence({ state: isOver ? 'over' : 'away', peer: null });
      this.#needs.onOpened(channel);
    }
    this.#sweep();
  }

  /** Takes off the server what its host has abandoned (retention.ts), now and every so often. */
  #sweep(): void {
    this.#stopSweep = this.#needs.clock.after(SWEEP_MS, () => this.#sweep());
    const heard = this.#needs.store.newestRequests();
    for (const channel of this.list()) if (isAbandoned(this.#silenceOf(channel, heard))) this.#evict(channel.id);
  }

  /** Makes room by films whose hosts have been silent longest. @returns whether there is room now. */
  #makeRoom(isFull: () => boolean): boolean {
    const heard = this.#needs.store.newestRequests();
    const idle = this.list().filter((channel) => mayGiveWay(this.#silenceOf(channel, heard)));
    for (const { id } of idle.toSorted((a, b) => (heard.get(a.id) ?? 0) - (heard.get(b.id) ?? 0))) {
      if (!isFull()) break;
      this.#evict(id);
    }
    return !isFull();
  }

  #silenceOf(channel: PublishedChannel, heard: ReadonlyMap<ChannelId, number>): Silence {
    const nowMs = this.#needs.clock.nowMs();
    // One that was published before times were kept counts from the first look on.
    if (!heard.has(channel.id)) this.#needs.store.rememberRequest(channel.id, Math.floor(nowMs));
    const isWhole = channel.isComplete && channel.floor === 'server';
    return { kind: channel.kind, isWhole, silentMs: channel.hosted.state === 'on' ? 0 : nowMs - (heard.get(channel.id) ?? nowMs) };
  }

  #evict(id: ChannelId): void {
    this.remove(id).catch((error: unknown) => this.#needs.onFault(error));
  }

  /** In the order they were first published. */
  list(): readonly PublishedChannel[] {
    return [...this.#channels.values()];
  }

  find(id: string): PublishedChannel | undefined {
    return this.#channels.get(id as ChannelId);
  }

  /** @throws PublishError when there is none. */
  require(id: ChannelId): PublishedChannel {
    const channel = this.#channels.get(id);
    if (!channel) throw new PublishError(404, 'There is no such channel here: publish its description first.');
    return channel;
  }

  describe(id: ChannelId, publicKey: Uint8Array, { signed, floor, isListed }: PublishedDescription): void {
    const description = openPublished(id, publicKey, signed);
    const known = this.#channels.get(id);
    const isFull = (): boolean => this.#channels.size >= this.#needs.settings.maxChannels;
    if (!known && isFull() && !this.#makeRoom(isFull)) throw new PublishError(507, 'This server holds as many channels of hosts elsewhere as it may.');
    const before = known?.hosted;
    known?.redescribe({ description, signed, floor, isListed });
    const isOver = known?.isOver ?? false;
    this.#needs.store.put({ signed, floor, isListed, isOver });
    const channel = known ?? this.#create({ signed, floor, isListed }, description);
    this.#needs.onOpened(channel);
    if (before && before.floor !== floor) this.#needs.onPresence(channel);
  }

  /** @returns the index that the next entry must have. */
  addEntries(id: ChannelId, stream: number, body: Uint8Array): number {
    const channel = this.require(id);
    const fresh = channel.acceptable(stream, decodeBody(body));
    this.#needs.store.addEntries(id, fresh);
    channel.add(stream, fresh);
    if (channel.kind === 'live') {
      this.#forgetOld(channel, stream);
      // Whoever asks for the chunk before its bytes are here waits for them (PublishedChannel.readChunk).
      for (const entry of fresh) this.#needs.onHead(id, entry);
    }
    return channel.next(stream);
  }

  /** Bytes a chunk may have. @throws PublishError where it has no entry, or there is no room. */
  expectChunk(id: ChannelId, stream: number, index: number): number {
    const channel = this.require(id);
    const { bytes } = channel.requireEntry(stream, index).signed.record;
    if (channel.floor === 'peers') throw new PublishError(409, 'This channel is published without a floor on the server: it takes no chunks.');
    const { settings } = this.#needs;
    const isCrowded = (): boolean => this.list().reduce((sum, one) => sum + one.storedBytes, bytes) > settings.maxTotalBytes;
    const isFull = channel.storedBytes + bytes > settings.maxChannelBytes || (isCrowded() && !this.#makeRoom(isCrowded));
    if (isFull && !channel.isHeld(stream, index)) throw new PublishError(507, 'There is no more room for chunks on this server.');
    return bytes;
  }

  /** Stores a chunk; it can be read when this resolves, and not before. Idempotent. */
  async putChunk(id: ChannelId, stream: number, index: number, bytes: Uint8Array): Promise<void> {
    const channel = this.require(id);
    channel.requireBytes(stream, index, bytes);
    if (channel.isHeld(stream, index)) return;
    const key = `${id}/${stream}/${index}`;
    let writing = this.#writing.get(key);
    if (!writing) {
      writing = this.#write(channel, stream, index, bytes).finally(() => this.#writing.delete(key));
      this.#writing.set(key, writing);
    }
    await writing;
  }

  /** Stores a picture that the description names, and lets go of those that it names no more. Idempotent. */
  async putPicture(id: ChannelId, hash: string, bytes: Uint8Array): Promise<void> {
    const channel = this.require(id);
    channel.requirePicture(hash, bytes);
    await channel.folder.writePicture(hash, bytes, channel.pictures.map((picture) => picture.hash));
    if (this.#channels.get(id) !== channel) await channel.folder.removeAll();
  }

  setPresence(id: ChannelId, presence: HostPresence): void {
    const channel = this.require(id);
    const { state, peer } = channel.hosted;
    this.#silence.get(id)?.();
    this.#silence.delete(id);
    if (presence.state === 'on') this.#silence.set(id, this.#needs.clock.after(PRESENCE_SILENCE_MS, () => this.#fellSilent(id)));
    channel.setPresence(presence);
    if (presence.state === state && presence.peer === peer) return;
    if ((presence.state === 'over') !== (state === 'over')) this.#store(channel);
    this.#needs.onPresence(channel);
  }

  state(id: ChannelId): PublishState {
    return this.require(id).state();
  }

  async remove(id: ChannelId): Promise<void> {
    const channel = this.require(id);
    this.#needs.store.remove(id);
    this.#channels.delete(id);
    this.#silence.get(id)?.();
    this.#silence.delete(id);
    channel.setPresence({ state: 'over', peer: null });
    this.#needs.onPresence(channel);
    this.#needs.onRemoved(id);
    await rm(join(this.#folder, id), { recursive: true, force: true });
  }

  /** Idempotent; leaves no timer behind. */
  close(): void {
    this.#stopSweep();
    for (const cancel of this.#silence.values()) cancel();
    this.#silence.clear();
  }

  #create(parts: PublishedDescription, description: ChannelDescription): PublishedChannel {
    const id = parts.signed.channel;
    const { settings, clock } = this.#needs;
    const folder = new ChunkFolder(join(this.#folder, id));
    const channel = new PublishedChannel({ ...parts, description, folder, clock, settings });
    this.#channels.set(id, channel);
    return channel;
  }

  async #write(channel: PublishedChannel, stream: number, index: number, bytes: Uint8Array): Promise<void> {
    await channel.folder.write(stream, index, channel.extension(stream), bytes).catch((error: unknown) => this.#noRoom(error));
    if (this.#channels.get(channel.id) !== channel) {
      // Taken off the server while it was being written.
      await channel.folder.removeAll();
      throw new PublishError(404, 'The channel was taken off the server.');
    }
    channel.hold(stream, index, bytes.length);
    // It has left the window meanwhile.
    if (!channel.entry(stream, index)) await channel.folder.remove(stream, index, channel.extension(stream));
  }

  /** What the disk refuses its owner reads in full, the host in one sentence: with live it goes on when there is room again. */
  #noRoom(error: unknown): never {
    const why = asWriteError(error, this.#needs.dataFolder);
    if (!(why instanceof IngestError)) throw error;
    this.#needs.onFault(why);
    throw new PublishError(507, 'The disk of this server takes nothing more.');
  }

  #forgetOld(channel: PublishedChannel, stream: number): void {
    this.#needs.store.forgetEntriesBefore(channel.id, stream, channel.oldestKept(stream));
    for (const index of channel.forgetOld(stream)) {
      channel.folder.remove(stream, index, channel.extension(stream)).catch((error: unknown) => this.#needs.onFault(error));
    }
  }

  #fellSilent(id: ChannelId): void {
    const channel = this.#channels.get(id);
    this.#silence.delete(id);
    if (channel?.hosted.state !== 'on') return;
    channel.setPresence({ state: 'away', peer: null });
    this.#needs.onPresence(channel);
  }

  #store(channel: PublishedChannel): void {
    this.#needs.store.put({ signed: channel.signedDescription, floor: channel.floor, isListed: channel.isListed, isOver: channel.isOver });
  }
}

function decodeBody(body: Uint8Array): LogEntry[] {
  try {
    return decodeLogEntries(body.slice());
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    throw new PublishError(422, 'The body holds no whole log entries.');
  }
}
