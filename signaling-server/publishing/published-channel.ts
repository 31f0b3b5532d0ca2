/**
 * A channel whose host is elsewhere: what it has said and uploaded so far, as the seeder serves it. Everything in it was
 * checked against the channel's key before it came here or is checked here (SPEC U-4, U-5).
 */
import { equalBytes, merkleRoot } from '#protocol/merkle';
import { descriptionSigningBytes, isDescription, type ChannelDescription, type SignedDescription, type StreamDescription } from '#protocol/description';
import { base64ToBytes } from '#protocol/base64';
import type { ChannelId } from '#protocol/ids';
import type { Picture } from '#protocol/pictures';
import type { PublishState } from '#protocol/publishing';
import { recordSigningBytes, type LogEntry } from '#protocol/record';
import type { Floor, Hosted, HostPresence } from '#protocol/hosted';
import { digestChunk } from '#ingest/digest-chunk';
import { sha256 } from '#ingest/node/sha256';
import type { WallClock } from '#server/tracker/ports';
import type { Available, ServedChannel } from '#server/seeder/served-channel';
import { verifyEd25519 } from './authenticate.ts';
import type { ChunkFolder } from './chunk-folder.ts';
import { PublishError } from './publish-error.ts';
import type { PublishSettings } from './publish-settings.ts';

interface Stream {
  readonly entries: Map<number, LogEntry>;
  /** Index that the next entry must have. */
  next: number;
  /** Chunks whose bytes are here, with their lengths. */
  readonly held: Map<number, number>;
}

/** Opens a signed description of this channel. @throws PublishError when it is none, or not this channel's. */
export function openPublished(channel: ChannelId, publicKey: Uint8Array, signed: SignedDescription): ChannelDescription {
  const description = parseDescription(signed.description);
  if (signed.channel !== channel || !equalBytes(base64ToBytes(description.publicKey), publicKey)) {
    throw new PublishError(422, 'The description is another channel\'s.');
  }
  if (!verifyEd25519(publicKey, descriptionSigningBytes(signed.description), base64ToBytes(signed.signature))) {
    throw new PublishError(422, 'The description is not signed by the channel.');
  }
  return description;
}

function parseDescription(text: string): ChannelDescription {
  try {
    const value: unknown = JSON.parse(text);
    if (isDescription(value)) return value;
  } catch {
    throw new PublishError(422, 'The description is not JSON.');
  }
  throw new PublishError(422, 'The description does not have the fields of a description, each within its range (SPEC D-2, D-3).');
}

export interface PublishedChannelParts {
  readonly description: ChannelDescription;
  readonly signed: SignedDescription;
  readonly floor: Floor;
  readonly isListed: boolean;
  readonly folder: ChunkFolder;
  readonly clock: WallClock;
  readonly settings: Pick<PublishSettings, 'extraLiveChunks' | 'uploadWaitMs'>;
}

export class PublishedChannel implements ServedChannel {
  readonly id: ChannelId;
  readonly folder: ChunkFolder;
  readonly publicKey: Uint8Array;
  #parts: PublishedChannelParts;
  readonly #streams = new Map<number, Stream>();
  #presence: HostPresence = { state: 'away', peer: null };
  #storedBytes = 0;
  /** Readers of chunks that are announced and not uploaded yet. */
  readonly #waiting = new Map<string, Set<() => void>>();

  constructor(parts: PublishedChannelParts) {
    this.#parts = parts;
    this.id = parts.signed.channel;
    this.folder = parts.folder;
    this.publicKey = base64ToBytes(parts.description.publicKey);
    for (const { id } of parts.description.streams) this.#streams.set(id, { entries: new Map(), next: 0, held: new Map() });
  }

  get title(): string {
    return this.description.title;
  }

  get kind(): 'vod' | 'live' {
    return this.description.kind;
  }

  get description(): ChannelDescription {
    return this.#parts.description;
  }

  get signedDescription(): SignedDescription {
    return this.#parts.signed;
  }

  get floor(): Floor {
    return this.#parts.floor;
  }

  get isListed(): boolean {
    return this.#parts.isListed;
  }

  get durationSeconds(): number | null {
    if (this.kind === 'live') return null;
    return Math.max(...this.description.streams.map(({ durationsUs }) => durationsUs.reduce((sum, us) => sum + us, 0))) / 1e6;
  }

  /** What viewers are told of the host. */
  get hosted(): Hosted {
    return { ...this.#presence, floor: this.floor };
  }

  get isOver(): boolean {
    return this.#presence.state === 'over';
  }

  /** Bytes of chunks on disk. */
  get storedBytes(): number {
    return this.#storedBytes;
  }

  /** VoD: whether the log is closed and, with a floor on the server, every chunk is here. */
  get isComplete(): boolean {
    return this.kind === 'vod' && this.description.streams.every(({ id, durationsUs }) => {
      const stream = this.#streams.get(id)!;
      return stream.next === durationsUs.length && (this.floor === 'peers' || stream.held.size === durationsUs.length);
    });
  }

  /** Whether it belongs into the list now: something can be watched, or will be. */
  get isShown(): boolean {
    if (!this.isListed) return false;
    if (this.floor === 'server' && this.kind === 'vod') return this.isComplete;
    return this.#presence.state === 'on' && [...this.#streams.values()].some((stream) => stream.next > 0);
  }

  setPresence(presence: HostPresence): void {
    this.#presence = presence;
  }

  /** @throws PublishError when those who watch by the old one could not go on by the new one. */
  redescribe(parts: Pick<PublishedChannelParts, 'description' | 'signed' | 'floor' | 'isListed'>): void {
    const { description: old } = this.#parts;
    if (!goesOn(old, parts.description) && [...this.#streams.values()].some((stream) => stream.next > 0)) {
      throw new PublishError(409, 'The log of this channel has begun: kind, streams and their lengths cannot change any more. Publish it as a new channel.');
    }
    this.#parts = { ...this.#parts, ...parts };
    for (const { id } of parts.description.streams) {
      if (!this.#streams.has(id)) this.#streams.set(id, { entries: new Map(), next: 0, held: new Map() });
    }
    for (const id of [...this.#streams.keys()]) if (!parts.description.streams.some((stream) => stream.id === id)) this.#streams.delete(id);
  }

  /** Those of `entries` that are new, each checked. @throws PublishError on the first that does not belong here. */
  acceptable(streamId: number, entries: readonly LogEntry[]): LogEntry[] {
    const stream = this.#requireStream(streamId);
    const { durationsUs } = this.#describe(streamId)!;
    const fresh: LogEntry[] = [];
    for (const entry of entries) {
      const { record } = entry.signed;
      if (record.stream !== streamId) throw new PublishError(422, `An entry is of stream ${record.stream}, not of ${streamId}.`);
      if (record.index < stream.next) {
        const known = stream.entries.get(record.index);
        if (known && !equalBytes(known.signed.record.root, record.root)) throw new PublishError(409, `Chunk ${record.index} is known already, and is another one.`);
        continue;
      }
      const expected = stream.next + fresh.length;
      if (record.index !== expected) throw new PublishError(409, `Entry ${expected} is next, not ${record.index}.`);
      if (this.kind === 'vod' && record.durationUs !== durationsUs[record.index]) throw new PublishError(422, `Chunk ${record.index} is not as long as the description says.`);
      this.#requireGenuine(entry);
      fresh.push(entry);
    }
    return fresh;
  }

  /** Takes entries that `acceptable` gave, or that were stored. */
  add(streamId: number, entries: readonly LogEntry[]): void {
    const stream = this.#requireStream(streamId);
    for (const entry of entries) {
      stream.entries.set(entry.signed.record.index, entry);
      stream.next = Math.max(stream.next, entry.signed.record.index + 1);
    }
  }

  /** Live: index of the oldest chunk that is kept; 0 for VoD. */
  oldestKept(streamId: number): number {
    if (this.kind === 'vod') return 0;
    return Math.max(0, this.next(streamId) - this.description.windowChunks - this.#parts.settings.extraLiveChunks);
  }

  /** Live: forgets what left the window. @returns indexes of the chunks whose bytes go with it. */
  forgetOld(streamId: number): number[] {
    const stream = this.#requireStream(streamId);
    const oldest = this.oldestKept(streamId);
    for (const index of stream.entries.keys()) if (index < oldest) stream.entries.delete(index);
    const gone = [...stream.held.keys()].filter((index) => index < oldest);
    for (const index of gone) {
      this.#storedBytes -= stream.held.get(index)!;
      stream.held.delete(index);
    }
    return gone;
  }

  next(streamId: number): number {
    return this.#requireStream(streamId).next;
  }

  isHeld(streamId: number, index: number): boolean {
    return this.#streams.get(streamId)?.held.has(index) ?? false;
  }

  /** The bytes of a chunk are on disk now. */
  hold(streamId: number, index: number, bytes: number): void {
    const stream = this.#requireStream(streamId);
    if (!stream.held.has(index)) this.#storedBytes += bytes;
    stream.held.set(index, bytes);
    for (const wake of this.#waiting.get(`${streamId}/${index}`) ?? []) wake();
  }

  /** @throws PublishError when the bytes are not those of the chunk's entry. */
  requireBytes(streamId: number, index: number, bytes: Uint8Array): void {
    const record = this.requireEntry(streamId, index).signed.record;
    if (bytes.length !== record.bytes || !equalBytes(digestChunk(bytes, sha256).root, record.root)) {
      throw new PublishError(422, `These are not the bytes of chunk ${index}.`);
    }
  }

  /** Poster and sheet of thumbnails, where the description names them. */
  get pictures(): readonly Picture[] {
    const { poster, thumbnails } = this.description;
    return [...(poster ? [poster] : []), ...(thumbnails ? [thumbnails.sheet] : [])];
  }

  /** @throws PublishError when these are not the bytes of a picture of this channel. */
  requirePicture(hash: string, bytes: Uint8Array): void {
    const picture = this.pictures.find((one) => one.hash === hash);
    if (!picture) throw new PublishError(409, 'The description of this channel names no such picture: send it first.');
    if (bytes.length !== picture.bytes || Buffer.from(sha256(bytes)).toString('hex') !== hash) throw new PublishError(422, 'These are not the bytes of the picture that the description names.');
  }

  async picture(hash: string): Promise<Uint8Array | undefined> {
    return this.pictures.some((one) => one.hash === hash) ? this.folder.readPicture(hash) : undefined;
  }

  /** @throws PublishError without one. */
  requireEntry(streamId: number, index: number): LogEntry {
    this.#requireStream(streamId);
    const entry = this.entry(streamId, index);
    if (!entry) throw new PublishError(409, `Chunk ${index} has no log entry here: send it first.`);
    return entry;
  }

  extension(streamId: number): StreamDescription['extension'] {
    this.#requireStream(streamId);
    return this.#describe(streamId)!.extension;
  }

  state(): PublishState {
    return {
      streams: [...this.#streams].map(([stream, { entries, held, next }]) => ({ stream, nextEntry: next, missing: this.floor === 'peers' ? [] : runsOf([...entries.keys()].filter((index) => !held.has(index))) })),
    };
  }

  available(streamId: number): Available | undefined {
    const stream = this.#streams.get(streamId);
    return stream && { first: this.oldestKept(streamId), newest: stream.next - 1 };
  }

  entry(streamId: number, index: number): LogEntry | undefined {
    return this.#streams.get(streamId)?.entries.get(index);
  }

  async readChunk(streamId: number, index: number): Promise<Uint8Array | undefined> {
    if (!this.isHeld(streamId, index) && this.floor === 'server' && this.#presence.state === 'on') await this.#arrival(streamId, index);
    if (!this.isHeld(streamId, index)) return undefined;
    const bytes = await this.folder.read(streamId, index, this.extension(streamId));
    this.requireBytes(streamId, index, bytes);
    return bytes;
  }

  /** Resolves when the chunk is here, or will not be soon. */
  async #arrival(streamId: number, index: number): Promise<void> {
    const key = `${streamId}/${index}`;
    await new Promise<void>((resolve) => {
      const readers = this.#waiting.get(key) ?? new Set();
      this.#waiting.set(key, readers);
      const wake = (): void => {
        cancel();
        readers.delete(wake);
        if (readers.size === 0) this.#waiting.delete(key);
        resolve();
      };
      const cancel = this.#parts.clock.after(this.#parts.settings.uploadWaitMs, wake);
      readers.add(wake);
    });
  }

  #describe(streamId: number): StreamDescription | undefined {
    return this.description.streams.find(({ id }) => id === streamId);
  }

  #requireStream(streamId: number): Stream {
    const stream = this.#streams.get(streamId);
    if (!stream) throw new PublishError(404, `The channel has no stream ${streamId}.`);
    return stream;
  }

  #requireGenuine({ signed, hashes }: LogEntry): void {
    const { index } = signed.record;
    if (!verifyEd25519(this.publicKey, recordSigningBytes(this.id, signed.record), signed.signature)) throw new PublishError(422, `The record of chunk ${index} is not signed by the channel.`);
    if (!equalBytes(merkleRoot(hashes, sha256), signed.record.root)) throw new PublishError(422, `The hashes of chunk ${index} do not give its root.`);
  }
}

/**
 * Whether what is known of a log fits the new description too. A film's is closed. Live may get another title, headers of
 * an encoder that was set up anew, and streams that it did not have.
 */
function goesOn(old: ChannelDescription, next: ChannelDescription): boolean {
  const facts = ({ streams }: ChannelDescription): unknown => streams.map(({ id, extension, durationsUs, init }) => ({ id, extension, durationsUs, init }));
  if (old.kind !== next.kind) return false;
  if (old.kind === 'vod') return JSON.stringify(facts(old)) === JSON.stringify(facts(next));
  return old.streams.every(({ id, extension }) => next.streams.some((stream) => stream.id === id && stream.extension === extension));
}

/** Ascending numbers as runs of first and length. */
function runsOf(numbers: readonly number[]): [number, number][] {
  const runs: [number, number][] = [];
  for (const number of numbers.toSorted((a, b) => a - b)) {
    const last = runs.at(-1);
    if (last && last[0] + last[1] === number) last[1]++;
    else runs.push([number, 1]);
  }
  return runs;
}
