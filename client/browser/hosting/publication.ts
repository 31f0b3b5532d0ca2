/**
 * What a page has published and how the server is kept up to date with it: description, log, chunks where the server is
 * to have a copy, and signs of life. Everything is sent in order and again until it is there; a server that has lost the
 * channel gets it anew. Where chunks come from is its owner's business.
 */
import { PublishClient } from '#publishing/publish-client';
import { PublishFailure } from '#publishing/publish-error';
import type { Cancel, Clock } from '#engine/ports';
import type { SignedDescription } from '#protocol/description';
import type { Floor, HostPresence, HostState } from '#protocol/hosted';
import type { ChunkIndex, PeerId } from '#protocol/ids';
import { PRESENCE_BEAT_MS } from '#protocol/publishing';
import type { LogEntry } from '#protocol/record';
import { wallClockMs } from '../system-clock.ts';
import type { ChannelSigner } from './channel-signer.ts';
import type { Still } from './take-still.ts';

export interface PublicationParts {
  readonly serverUrl: string;
  readonly signer: ChannelSigner;
  readonly clock: Clock;
  readonly floor: Floor;
  readonly isListed: boolean;
  /** The bytes of a chunk that is to be uploaded; undefined where they are gone (live, long past). */
  readonly read: (chunk: ChunkIndex) => Promise<Uint8Array | undefined>;
  /** Entries kept to tell a server that lost them: all of a film, a live window. */
  readonly keptEntries: number;
  /** The server turned something down for good; the sentence says why. */
  readonly onRefused: (sentence: string) => void;
  readonly onChanged: () => void;
}

/** Uploads at the same time: one is on its way while the next is made. */
const UPLOADS = 2;

/** What a server without the API answers to such requests. */
const CLOSED: ReadonlySet<number> = new Set([404, 405]);
const NO_HOSTS = 'This server takes no channels from visitors. Whoever runs it can allow it with --publish on.';

export class Publication {
  readonly #parts: PublicationParts;
  readonly #client: PublishClient;
  /** Entries in order, the oldest dropped first where there is a bound. */
  readonly #entries: LogEntry[] = [];
  #unsent: LogEntry[] = [];
  #toUpload: ChunkIndex[] = [];
  #uploading = 0;
  #uploaded = 0;
  #isSending = false;
  #signed: SignedDescription | undefined;
  #pictures: readonly Still[] = [];
  #presence: HostPresence = { state: 'on', peer: null };
  #stopBeat: Cancel | undefined;
  #farewell: { readonly url: string; readonly init: RequestInit } | undefined;
  #viewers = 0;
  #isReachable = true;
  #isClosed = false;
  #idle: (() => void)[] = [];

  constructor(parts: PublicationParts) {
    const { serverUrl, signer, clock } = parts;
    this.#parts = parts;
    const pause = async (ms: number): Promise<void> => {
      this.#setReachable(false);
      await new Promise<void>((resolve) => void clock.after(ms, resolve));
    };
    this.#client = new PublishClient({ serverUrl, channel: signer.id, signer, wallClockMs, pause });
  }

  /** Members of the swarm besides the host. */
  get viewers(): number {
    return this.#viewers;
  }

  get isReachable(): boolean {
    return this.#isReachable;
  }

  /** Chunks the server has. */
  get uploaded(): number {
    return this.#uploaded;
  }

  /** Whether the server has all it is to have. */
  get isUpToDate(): boolean {
    return this.#unsent.length === 0 && !this.#isSending && this.#toUpload.length === 0 && this.#uploading === 0;
  }

  /** Whether the server has been told of the channel. */
  get isOpen(): boolean {
    return this.#signed !== undefined;
  }

  /** The index at which a log that is on the server already goes on; 0 for a new one. */
  async nextEntry(): Promise<number> {
    return (await orClosed(this.#client.state()))?.streams[0]?.nextEntry ?? 0;
  }

  /** Puts the channel on the server, or its new description. @param peer the host's own. @param pictures that it names */
  async describe(signed: SignedDescription, peer: PeerId, pictures: readonly Still[]): Promise<void> {
    const { floor, isListed } = this.#parts;
    await orClosed(this.#client.describe(signed, { floor, isListed }));
    this.#signed = signed;
    this.#pictures = pictures;
    this.#sendPictures();
    if (this.#presence.state !== 'on') return;
    this.#presence = { state: 'on', peer };
    this.#beat();
  }

  /** Adds entries in order; they are sent at once, or with the next that are. */
  add(entries: readonly LogEntry[]): void {
    this.#entries.push(...entries);
    this.#entries.splice(0, Math.max(0, this.#entries.length - this.#parts.keptEntries));
    this.#unsent.push(...entries);
    void this.#sendEntries();
  }

  /** Resolves when everything added so far is on the server. */
  async settled(): Promise<void> {
    if (this.isUpToDate || this.#isClosed) return;
    await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  /** `away` and `over` are said once, and no sign of life follows. */
  async setState(state: HostState): Promise<void> {
    if (!this.isOpen) return;
    this.#presence = { state, peer: state === 'on' ? this.#presence.peer : null };
    this.#stopBeat?.();
    if (state === 'on') this.#beat();
    else await this.#client.tellPresence(this.#presence).catch(() => undefined); // Silence says the same, 10 s later.
  }

  /** The page goes away now: the last word is signed already, and leaves although nobody waits for it. */
  sayFarewell(): void {
    if (this.#isClosed || !this.#farewell) return;
    void fetch(this.#farewell.url, { ...this.#farewell.init, keepalive: true }).catch(() => undefined);
  }

  /** Takes the channel off the server. */
  async remove(): Promise<void> {
    await this.#client.remove();
  }

  /** Idempotent. */
  close(): void {
    this.#isClosed = true;
    this.#stopBeat?.();
    this.#client.close();
    this.#settle();
  }

  /** Ornaments: without them pages draw something of their own, or nothing. */
  #sendPictures(): void {
    for (const { facts, bytes } of this.#pictures) void this.#client.putPicture(facts.hash, bytes).catch(() => undefined);
  }

  #beat(): void {
    this.#stopBeat?.();
    if (this.#isClosed || this.#presence.state !== 'on') return;
    this.#stopBeat = this.#parts.clock.after(PRESENCE_BEAT_MS, () => this.#beat());
    this.#client.tellPresence(this.#presence).then(
      (viewers) => {
        this.#viewers = viewers;
        this.#setReachable(true);
        void this.#prepareFarewell();
      },
      (error: unknown) => {
        if (error instanceof PublishFailure && error.status === 404) void this.#publishAnew();
        else if (error instanceof PublishFailure && error.reason === 'unreachable') this.#setReachable(false);
      },
    );
  }

  async #prepareFarewell(): Promise<void> {
    this.#farewell = await this.#client.prepareBeat({ state: 'away', peer: null });
  }

  /** The server has lost the channel: a new disk, or a new server at the old address. */
  async #publishAnew(): Promise<void> {
    const { floor, isListed } = this.#parts;
    this.#uploaded = 0;
    this.#unsent = [...this.#entries];
    try {
      await this.#client.describe(this.#signed!, { floor, isListed });
      this.#sendPictures();
      await this.#sendEntries();
    } catch (error) {
      this.#refused(error);
    }
  }

  async #sendEntries(): Promise<void> {
    if (this.#isSending) return;
    this.#isSending = true;
    try {
      while (this.#unsent.length > 0 && !this.#isClosed) {
        const batch = this.#unsent;
        this.#unsent = [];
        await this.#client.addEntries(batch[0]!.signed.record.stream, batch);
        this.#setReachable(true);
        if (this.#parts.floor === 'server') this.#upload(batch.map((entry) => entry.signed.record.index));
        this.#parts.onChanged();
      }
    } catch (error) {
      this.#refused(error);
    } finally {
      this.#isSending = false;
      this.#settle();
    }
  }

  #upload(chunks: readonly ChunkIndex[]): void {
    this.#toUpload.push(...chunks);
    while (this.#uploading < UPLOADS && this.#toUpload.length > 0) void this.#uploadNext();
  }

  async #uploadNext(): Promise<void> {
    this.#uploading++;
    try {
      for (let chunk = this.#toUpload.shift(); chunk !== undefined && !this.#isClosed; chunk = this.#toUpload.shift()) {
        const bytes = await this.#parts.read(chunk);
        if (bytes) await this.#putChunk(chunk, bytes);
        this.#parts.onChanged();
      }
    } catch (error) {
      this.#refused(error);
    } finally {
      this.#uploading--;
      this.#settle();
    }
  }

  async #putChunk(chunk: ChunkIndex, bytes: Uint8Array): Promise<void> {
    try {
      await this.#client.putChunk(0, chunk, bytes);
      this.#uploaded++;
    } catch (error) {
      // Live: it left the window while the line was too slow for it; the newer ones matter.
      if (!(error instanceof PublishFailure) || error.reason !== 'conflict' || this.#parts.keptEntries === Infinity) throw error;
    }
  }

  #refused(error: unknown): void {
    if (this.#isClosed || (error instanceof PublishFailure && error.reason === 'cancelled')) return;
    this.#parts.onRefused(error instanceof Error ? error.message : String(error));
  }

  #setReachable(isReachable: boolean): void {
    if (this.#isReachable === isReachable) return;
    this.#isReachable = isReachable;
    this.#parts.onChanged();
  }

  #settle(): void {
    if (!this.isUpToDate && !this.#isClosed) return;
    for (const resolve of this.#idle.splice(0)) resolve();
  }
}

/** A server that takes no hosts has none of these routes. */
async function orClosed<T>(request: Promise<T>): Promise<T> {
  try {
    return await request;
  } catch (error) {
    throw error instanceof PublishFailure && CLOSED.has(error.status) ? new Error(NO_HOSTS, { cause: error }) : error;
  }
}
