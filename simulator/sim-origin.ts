/**
 * The seeder of the virtual world, and each peer's port to it. It has one uplink for everybody, counts every byte that
 * leaves it, answers 404 before a live chunk exists and after it left the window, and can be killed and brought back.
 */
import type { Cancel, Origin, OriginFailure, OriginTransfer } from '#engine/ports';
import { chunkIndex, type ChunkIndex, type StreamId } from '#protocol/ids';
import { PIECE_BYTES } from '#protocol/limits';
import type { LogEntry } from '#protocol/record';
import type { Flow, Host, Network } from './network.ts';
import type { PeerClock } from './peer-clock.ts';
import { MAIN_STREAM, type SyntheticChannel } from './synthetic-channel.ts';

export interface OriginOptions {
  /** From request to first byte inside the server, ms. */
  readonly thinkMs: number;
  /** Bytes under way in one response: TCP's window. */
  readonly windowBytes: number;
}

export class SimOriginServer {
  readonly host: Host;
  readonly channel: SyntheticChannel;
  readonly network: Network;
  readonly options: OriginOptions;
  isUp = true;
  /** Media bytes put on the wire, whether they were wanted to the end or not. */
  sentBytes = 0;
  requests = 0;
  /** Live: index of the newest chunk; -1 before the first. VoD: the last chunk. */
  newest = -1;
  /** How often each chunk left, in whole chunks' worth of bytes. */
  readonly sentByChunk = new Map<ChunkIndex, number>();
  readonly #transfers = new Set<() => void>();

  constructor(host: Host, channel: SyntheticChannel, network: Network, options: OriginOptions) {
    this.host = host;
    this.channel = channel;
    this.network = network;
    this.options = options;
    if (channel.options.kind === 'vod') this.newest = channel.options.chunks - 1;
  }

  get oldest(): number {
    return this.channel.options.kind === 'vod' ? 0 : Math.max(0, this.newest - this.channel.options.chunks + 1);
  }

  has(chunk: ChunkIndex): boolean {
    return chunk >= this.oldest && chunk <= this.newest;
  }

  entriesFrom(first: ChunkIndex | 'newest', count: number): LogEntry[] {
    const from = first === 'newest' ? Math.max(this.oldest, this.newest - count + 1) : Math.max(first, this.oldest);
    const entries: LogEntry[] = [];
    for (let index = from; index <= this.newest && entries.length < count; index++) {
      entries.push(this.channel.entry(chunkIndex(index)));
    }
    return entries;
  }

  /** Transfers going on. */
  get active(): number {
    return this.#transfers.size;
  }

  kill(): void {
    this.isUp = false;
    for (const breakOff of [...this.#transfers]) breakOff();
    this.#transfers.clear();
  }

  restart(): void {
    this.isUp = true;
  }

  begin(breakOff: () => void): Cancel {
    this.#transfers.add(breakOff);
    return () => this.#transfers.delete(breakOff);
  }

  /** Puts a range of a chunk on its way to `host`. */
  respond(host: Host, chunk: ChunkIndex, firstByte: number, lastByte: number, onBytes: (bytes: Uint8Array) => void): Flow {
    this.requests++;
    let toSend = lastByte - firstByte + 1;
    const onSent = (): void => {
      const length = Math.min(PIECE_BYTES, toSend);
      toSend -= length;
      this.sentBytes += length;
      this.sentByChunk.set(chunk, (this.sentByChunk.get(chunk) ?? 0) + length);
    };
    const flow = this.network.openFlow(this.host, host, this.options.windowBytes, { onBytes, onSent });
    const bytes = this.channel.bytes(chunk);
    for (let at = firstByte; at <= lastByte; at += PIECE_BYTES) {
      flow.send(bytes.subarray(at, Math.min(at + PIECE_BYTES, lastByte + 1)));
    }
    return flow;
  }
}

export class SimOrigin implements Origin {
  readonly #server: SimOriginServer;
  readonly #host: Host;
  readonly #clock: PeerClock;
  readonly #oneWayMs: number;

  constructor(server: SimOriginServer, host: Host, clock: PeerClock) {
    this.#server = server;
    this.#host = host;
    this.#clock = clock;
    this.#oneWayMs = server.network.latencyMs(host, server.host);
  }

  fetchChunk(stream: StreamId, chunk: ChunkIndex, firstByte: number, lastByte: number, transfer: OriginTransfer): Cancel {
    const server = this.#server;
    let flow: Flow | undefined;
    let endTransfer: Cancel | undefined;
    let isCancelled = false;
    let left = lastByte - firstByte + 1;
    const fail = (failure: OriginFailure): void => {
      flow?.close();
      endTransfer?.();
      this.#clock.after(this.#oneWayMs, () => {
        if (!isCancelled) transfer.onFailed(failure);
      });
    };
    const finish = (): void => {
      flow?.close();
      endTransfer?.();
      // The listener of the last bytes may have cancelled.
      if (!isCancelled) transfer.onEnd();
    };
    const onBytes = (bytes: Uint8Array): void => {
      if (isCancelled || !server.isUp) return;
      if (this.#clock.isFrozen) {
        this.#clock.after(0, () => onBytes(bytes));
        return;
      }
      left -= bytes.length;
      transfer.onBytes(bytes);
      if (left === 0) finish();
    };
    const cancelRequest = this.#request(() => {
      if (!server.isUp) {
        fail('unreachable');
      } else if (stream !== MAIN_STREAM || !server.has(chunk) || lastByte >= server.channel.length(chunk)) {
        fail('gone');
      } else {
        endTransfer = server.begin(() => fail('unreachable'));
        flow = server.respond(this.#host, chunk, firstByte, lastByte, onBytes);
      }
    });
    return () => {
      if (isCancelled) return;
      isCancelled = true;
      cancelRequest();
      if (!flow) return;
      const open = flow;
      // The server hears of it half a round trip later; what leaves meanwhile is lost on the way.
      server.network.clock.after(this.#oneWayMs, () => {
        open.close();
        endTransfer?.();
      });
    };
  }

  fetchRecords(
    _stream: StreamId,
    first: ChunkIndex | 'newest',
    count: number,
    done: (entries: readonly LogEntry[]) => void,
    failed: (failure: OriginFailure) => void,
  ): Cancel {
    let cancelAnswer: Cancel | undefined;
    const cancelRequest = this.#request(() => {
      const { isUp } = this.#server;
      const entries = isUp ? this.#server.entriesFrom(first, count) : [];
      cancelAnswer = this.#clock.after(this.#oneWayMs, () => {
        if (isUp) done(entries);
        else failed('unreachable');
      });
    });
    return () => {
      cancelRequest();
      cancelAnswer?.();
    };
  }

  /** The connection is warm: the page came over it. */
  #request(arrived: () => void): Cancel {
    return this.#clock.after(this.#oneWayMs + this.#server.options.thinkMs, arrived);
  }
}
