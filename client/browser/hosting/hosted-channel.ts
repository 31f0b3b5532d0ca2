/**
 * What every channel hosted from a page is made of, whatever its source: a description and a log on the server, the
 * host's own peer, and a state that the page shows. A source (hosted-file.ts, hosted-live.ts) says what there is to
 * share; going on air, failing, ending and being left are the same for all.
 */
import type { ChunkStore, Clock } from '#engine/ports';
import type { ChannelDescription } from '#protocol/description';
import type { Floor } from '#protocol/hosted';
import type { ChunkIndex } from '#protocol/ids';
import { MAX_TITLE_CHARS } from '#protocol/limits';
import type { LogEntry } from '#protocol/record';
import { SimplePeerDialer } from '../simple-peer-dialer.ts';
import { SnapshotStore } from '../snapshot-store.ts';
import { WebHasher } from '../web-hasher.ts';
import type { ChannelSigner } from './channel-signer.ts';
import { HostPeer } from './host-peer.ts';
import type { HostSnapshot, Hosting } from './host-snapshot.ts';
import { Publication } from './publication.ts';
import { takeStill, type Still } from './take-still.ts';

export interface HostingOptions {
  readonly serverUrl: string;
  readonly clock: Clock;
  readonly signer: ChannelSigner;
  readonly title: string;
  readonly floor: Floor;
  readonly isListed: boolean;
  /** What a still of it is taken from, where the list is to show one. */
  readonly pictured: File | MediaStream | null;
}

/** What differs from source to source in what the page shows. */
export type SourceFigures = Pick<HostSnapshot, 'kind' | 'channel' | 'total' | 'leastCopies' | 'remark'>;

/** A description without what every channel has of its key and its title. */
export type UnnamedDescription = Omit<ChannelDescription, 'publicKey' | 'version' | 'title'>;

export interface HostedSource {
  /** Chunks of which the server is told again should it lose them. */
  readonly keptEntries: number;
  readonly chunks: ChunkStore;
  /** The bytes of a chunk that is to be uploaded; undefined where they are gone. */
  readonly read: (chunk: ChunkIndex) => Promise<Uint8Array | undefined>;
}

export abstract class HostedChannel<Options extends HostingOptions = HostingOptions> implements Hosting {
  protected readonly options: Options;
  /** Aborted when the channel is left, one way or the other. */
  protected readonly left = new AbortController();
  protected readonly publication: Publication;
  readonly #chunks: ChunkStore;
  readonly #store: SnapshotStore<HostSnapshot>;
  #description: ChannelDescription | undefined;
  #peer: HostPeer | undefined;
  #phase: HostSnapshot['phase'] = 'opening';
  #sentence: string | null = null;
  /** Taken while the first chunk is made, so that nobody waits for it. */
  readonly #still: Promise<Still | null>;
  #made = 0;
  #madeBytes = 0;

  protected constructor(options: Options, { keptEntries, chunks, read }: HostedSource) {
    const { serverUrl, signer, clock, floor, isListed, pictured } = options;
    this.options = options;
    this.#still = pictured === null ? Promise.resolve(null) : takeStill(pictured, clock);
    this.#chunks = chunks;
    this.#store = new SnapshotStore(() => this.#snapshot(), clock);
    this.publication = new Publication({
      serverUrl, signer, clock, floor, isListed, read, keptEntries,
      onRefused: (sentence) => this.fail(sentence),
      onChanged: () => this.touch(),
    });
    const { signal } = this.left;
    addEventListener('pagehide', () => this.publication.sayFarewell(), { signal });
    addEventListener('online', () => this.#peer?.reconnectNow(), { signal });
  }

  get getSnapshot(): () => HostSnapshot {
    return this.#store.getSnapshot;
  }

  get subscribe(): (listener: () => void) => () => void {
    return this.#store.subscribe;
  }

  async end(): Promise<void> {
    if (this.#phase === 'ended') return;
    this.#phase = 'ended';
    this.closeSource();
    this.touch();
    await this.publication.setState('over');
    this.#release();
  }

  close(): void {
    this.publication.sayFarewell();
    this.#release();
    this.#store.close();
  }

  /** Stops making chunks. Idempotent. */
  protected abstract closeSource(): void;
  protected abstract figures(): SourceFigures;

  protected get description(): ChannelDescription | undefined {
    return this.#description;
  }

  protected get phase(): HostSnapshot['phase'] {
    return this.#phase;
  }

  /** Chunks shared so far. */
  protected get made(): number {
    return this.#made;
  }

  /** Copies of the rarest chunk among the viewers linked to this page. */
  protected get leastCopies(): number {
    return this.left.signal.aborted ? 0 : (this.#peer?.snapshot().copies?.least ?? 0);
  }

  /** The tracker's wall clock minus this page's, ms; 0 before the tracker has answered. */
  protected get clockOffsetMs(): number {
    return this.#peer?.clockOffsetMs ?? 0;
  }

  protected isOver(): boolean {
    return this.#phase === 'ended' || this.#phase === 'failed' || this.left.signal.aborted;
  }

  /** Signs the description and puts the channel on the server, or what is new of it. @param sheet of the thumbnails, where there are any */
  protected async describe(unnamed: UnnamedDescription, titleOtherwise: string, sheet: Still | null = null): Promise<void> {
    const { serverUrl, signer, clock, title } = this.options;
    const still = await this.#still;
    const signed = await signer.signDescription({ version: 1, title: title.trim().slice(0, MAX_TITLE_CHARS) || titleOtherwise, ...unnamed, ...(still && { poster: still.facts }) });
    if (this.isOver()) return;
    const description = JSON.parse(signed.description) as ChannelDescription;
    this.#description = description;
    this.#peer ??= new HostPeer({ serverUrl, channel: signer.id, description, store: this.#chunks, clock, hasher: new WebHasher(), dialer: (self) => new SimplePeerDialer({ self, clock }) });
    await this.publication.describe(signed, this.#peer.id, [still, sheet].filter((picture) => picture !== null));
  }

  /** Puts a chunk, which the store has or can make, on the air. */
  protected share(entry: LogEntry): void {
    this.#peer?.hold(entry);
    this.publication.add([entry]);
    this.#made++;
    this.#madeBytes += entry.signed.record.bytes;
    this.touch();
  }

  protected setPhase(phase: HostSnapshot['phase']): void {
    this.#phase = phase;
    this.touch();
  }

  /** Something that the page shows has changed. */
  protected touch(): void {
    this.#store.touch();
  }

  /** Gives up, with the sentence that a person sees. */
  protected fail(cause: unknown): void {
    if (this.isOver()) return;
    this.#phase = 'failed';
    this.#sentence = cause instanceof Error ? cause.message : String(cause);
    this.closeSource();
    this.touch();
    void this.publication.setState('away').finally(() => this.#release());
  }

  #release(): void {
    this.left.abort();
    this.closeSource();
    this.#peer?.close();
    this.publication.close();
  }

  #snapshot(): HostSnapshot {
    const { title, floor } = this.options;
    const { publication } = this;
    const engine = this.left.signal.aborted ? null : (this.#peer?.snapshot() ?? null);
    return {
      ...this.figures(),
      phase: this.#phase, sentence: this.#sentence, title: this.#description?.title ?? title,
      made: this.#made,
      uploaded: floor === 'server' ? publication.uploaded : null,
      isServerReachable: publication.isReachable,
      viewers: publication.viewers,
      sentBytes: engine?.bytes.toPeers ?? 0,
      upBytesPerSecond: engine?.upBytesPerSecond ?? 0,
      demandBytesPerSecond: (publication.viewers * (this.#description?.streams[0]?.averageBandwidth ?? 0)) / 8,
      madeBytes: this.#madeBytes,
      engine,
    };
  }
}
