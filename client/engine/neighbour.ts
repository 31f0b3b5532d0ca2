/**
 * One neighbour: the link to it, what it holds, what we owe each other and how well it does. It counts and remembers;
 * what to do about it is decided elsewhere.
 */
import type { ChunkIndex, PeerId, StreamId } from '#protocol/ids';
import { encode, type Message } from '#protocol/messages';
import { hashText } from './keys.ts';
import type { PeerLink } from './ports.ts';
import { RateMeter, ServiceRate } from './rate-meter.ts';
import { RemoteStream } from './remote-stream.ts';
import type { PieceRun } from './piece-run.ts';

/** A neighbour's speed before anything was measured, bytes a second: a home uplink. */
const FIRST_GUESS_BYTES_PER_SECOND = 400_000;

/** A queue shorter than this holds messages, not media. */
const TALK_BYTES = 8 * 1024;

/** A piece we asked of this neighbour. */
export interface OutgoingRequest {
  readonly stream: StreamId;
  readonly chunk: number;
  readonly piece: number;
  readonly sentMs: number;
  readonly dueMs: number;
  isOverdue: boolean;
}

/** Pieces this neighbour asked of us and has not got yet. */
export interface OwedRun extends PieceRun {
  next: number;
  readonly end: number;
  readonly deadlineMs: number;
  /** Not worth sending after this. */
  readonly uselessAtMs: number;
  /** Sent as a subscription's, not asked for. */
  readonly isPushed: boolean;
}

/** What a neighbour was spared of the news of one stream, and since when (announcer.ts). */
export interface Unsaid {
  readonly held: Set<ChunkIndex>;
  readonly dropped: Set<ChunkIndex>;
  readonly sinceMs: number;
}

export class Neighbour {
  readonly peer: PeerId;
  readonly link: PeerLink;
  readonly hash: number;
  readonly connectedMs: number;
  state: 'greeting' | 'active' | 'closed' = 'greeting';
  features = 0;
  /** The host's own peer: it stands in for the seeder and is asked for nothing else (origin-route.ts). */
  isHost = false;
  /** Nobody else has what it is asked for: it is given time instead of up. */
  isLastResort = false;
  /** Whether it has said what it holds, be it nothing. */
  hasSpoken = false;
  ticket: Uint8Array = new Uint8Array(0);
  readonly streams = new Map<StreamId, RemoteStream>();
  readonly unsaid = new Map<StreamId, Unsaid>();
  readonly requests = new Map<number, OutgoingRequest>();
  /** Requests among those that are overdue: they no longer count as on their way. */
  overdue = 0;
  readonly owed: OwedRun[] = [];
  owedPieces = 0;
  isChokedByThem = false;
  isChokedByUs = false;
  /** Not asked for anything until then, after it let several requests lapse. */
  snubbedUntilMs = 0;
  /** It has no time to serve: not asked for anything until then, though what it holds may still come. */
  busyUntilMs = 0;
  lapses = 0;
  /** Times it was snubbed since it last brought a piece. */
  snubs = 0;
  readonly serviceRate = new ServiceRate(FIRST_GUESS_BYTES_PER_SECOND);
  readonly downRate = new RateMeter();
  readonly upRate = new RateMeter();
  downBytes = 0;
  upBytes = 0;
  wastedBytes = 0;
  controlBytes = 0;
  rttMs: number | null = null;
  /** The shortest round trip seen: what is left of it without the queues of uplinks, as BBR takes it (Cardwell et al., 2016). */
  distanceMs: number | null = null;
  lastHeardMs: number;
  /** Media that was handed to the link long ago is still there: it takes nothing. */
  isStuck = false;
  #markBytes = 0;
  #markMs: number;
  pingSentMs: number | null = null;
  pingNonce = 0;
  /** Messages other than pieces it may still send now (token bucket, SPEC L-2). */
  allowance = 2_000;
  allowanceAtMs: number;

  readonly #lend: ((length: number) => Uint8Array) | undefined;

  constructor(link: PeerLink, nowMs: number) {
    this.peer = link.remote;
    this.link = link;
    this.#lend = link.lend && ((length) => link.lend!(length));
    this.hash = hashText(link.remote);
    this.connectedMs = nowMs;
    this.lastHeardMs = nowMs;
    this.allowanceAtMs = nowMs;
    this.#markMs = nowMs;
  }

  /** Finds out whether what was handed to the link leaves it within `patienceMs`. */
  watchQueue(nowMs: number, patienceMs: number): void {
    const { bufferedBytes } = this.link;
    if (bufferedBytes < TALK_BYTES || this.upBytes - bufferedBytes >= this.#markBytes) {
      this.#markBytes = this.upBytes;
      this.#markMs = nowMs;
    }
    this.isStuck = nowMs - this.#markMs > patienceMs;
  }

  /** Pieces asked for and still expected. */
  get outstanding(): number {
    return this.requests.size - this.overdue;
  }

  stream(id: StreamId): RemoteStream {
    let stream = this.streams.get(id);
    if (!stream) this.streams.set(id, (stream = new RemoteStream()));
    return stream;
  }

  get heldChunks(): number {
    let count = 0;
    for (const stream of this.streams.values()) count += stream.heldCount;
    return count;
  }

  send(message: Message): void {
    if (this.state !== 'closed') this.sendEncoded(encode(message));
  }

  /** A message that several neighbours get alike; nobody may write to its bytes. */
  sendEncoded(bytes: Uint8Array): void {
    if (this.state === 'closed') return;
    this.controlBytes += bytes.length;
    this.link.send(bytes);
  }

  /** A piece: its payload is media, only its header is control. */
  sendPiece(stream: StreamId, chunk: number, piece: number, data: Uint8Array, nowMs: number): void {
    if (this.state === 'closed') return;
    const bytes = encode({ name: 'piece', stream, chunk: chunk as never, piece, data }, this.#lend);
    this.controlBytes += bytes.length - data.length;
    this.upBytes += data.length;
    this.upRate.add(data.length, nowMs);
    this.link.send(bytes);
  }

  /** Milliseconds until one more piece of that size would be here. */
  expectedMs(bytes: number): number {
    const queued = this.outstanding * 16_384 + bytes;
    return (this.rttMs ?? 100) / 2 + (queued * 1000) / this.serviceRate.bytesPerSecond;
  }
}
