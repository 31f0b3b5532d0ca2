/**
 * The parent's side of push: sends each verified piece of a substream on to the neighbours that subscribed to it, as
 * it arrives (SPEC S-3). Takes no more children than its links carry: a place is given up when a link is congested and
 * won back one by one.
 */
import type { StreamId } from '#protocol/ids';
import { FEATURE, type MessageBody } from '#protocol/messages';
import type { ChunkLibrary } from './chunk-library.ts';
import type { Neighbour } from './neighbour.ts';
import type { PendingChunk } from './pending-chunk.ts';
import { isHome, substreamOf, SUBSTREAMS } from './policy/substreams.ts';
import type { Settings } from './settings.ts';
import type { Uploader } from './uploader.ts';

export interface ForwarderOptions {
  readonly settings: Settings;
  readonly library: ChunkLibrary;
  readonly uploader: Uploader;
  readonly selfHash: number;
  /** Milliseconds until media is due here; children are about where this peer is. */
  readonly slackMs: (startUs: number) => number;
}

interface Child {
  readonly neighbour: Neighbour;
  readonly stream: StreamId;
  readonly substream: number;
  readonly of: number;
  readonly from: number;
}

/** Pieces are wanted at once; what is asked for with less time than this goes first. */
const PUSH_DEADLINE_MS = 300;
/** Children in other substreams than a peer's own. */
const STRANGERS = 3;
/** Of what the uplink carries, what subscriptions may take. */
const USED_SHARE = 1.05;
/** Pause between two looks at congestion. */
const REVIEW_MS = 1_000;
/** Pieces waiting for one neighbour that mean it is sent more than the way to it carries. */
const BACKLOG_PIECES = 12;

export class Forwarder {
  readonly #options: ForwarderOptions;
  readonly #children: Child[] = [];
  /** Share of a stream, in substreams, that may be sent on now. */
  #places: number;
  /** Rate of the stream that is passed on, as of its newest chunk, bytes a second. */
  #streamBytesPerSecond = 0;
  #reviewedAtMs = 0;

  constructor(options: ForwarderOptions) {
    this.#options = options;
    this.#places = this.#most;
  }

  /** Substreams sent on at most. */
  get #most(): number {
    return Math.floor(this.#options.settings.pushRatio * SUBSTREAMS);
  }

  onSubscribe(neighbour: Neighbour, ask: MessageBody<'subscribe'>): void {
    const { uploader, library } = this.#options;
    this.#remove((child) => isSame(child, neighbour, ask));
    // Substreams of fewer parts weigh more; honest peers divide alike.
    if (!uploader.isEnabled || neighbour.isChokedByUs || ask.of !== SUBSTREAMS || !this.#hasPlace(ask.substream)) {
      neighbour.send({ name: 'unsubscribe', stream: ask.stream, substream: ask.substream, of: ask.of });
      return;
    }
    const child: Child = { neighbour, stream: ask.stream, substream: ask.substream, of: ask.of, from: ask.from };
    this.#children.push(child);
    for (const chunk of library.pending.values()) {
      if (chunk.stream !== ask.stream || chunk.index < ask.from) continue;
      for (let piece = 0; piece < chunk.pieces; piece++) if (chunk.verified.has(piece)) this.#push(child, chunk, piece);
    }
  }

  onUnsubscribe(neighbour: Neighbour, ask: MessageBody<'unsubscribe'>): void {
    this.#remove((child) => isSame(child, neighbour, ask));
  }

  onVerified(chunk: PendingChunk, piece: number): void {
    this.#streamBytesPerSecond = (chunk.record.bytes * 1e6) / chunk.record.durationUs;
    for (const child of this.#children) this.#push(child, chunk, piece);
  }

  /** Whether the neighbour is a child in that substream. */
  sends(neighbour: Neighbour, stream: StreamId, substream: number): boolean {
    return this.#children.some((child) => child.neighbour === neighbour && child.stream === stream && child.substream === substream);
  }

  /** Whether anybody is a child in that substream. */
  sendsAny(stream: StreamId, substream: number): boolean {
    return this.#children.some((child) => child.stream === stream && child.substream === substream);
  }

  /** The neighbour is gone, or served no longer. */
  drop(neighbour: Neighbour): void {
    this.#remove((child) => child.neighbour === neighbour);
  }

  /** Gives up a child where a link is congested; the child finds another parent. */
  review(nowMs: number): void {
    if (nowMs - this.#reviewedAtMs < REVIEW_MS) return;
    this.#reviewedAtMs = nowMs;
    const isFull = ({ neighbour }: Child): boolean => neighbour.link.isCongested || neighbour.owedPieces > BACKLOG_PIECES;
    const carried = this.#carried;
    const burden = this.#children.findLast(isFull) ?? (this.#children.length > carried ? this.#children.at(-1) : undefined);
    if (!burden) {
      this.#places = Math.min(this.#most, carried, this.#places + 1);
      return;
    }
    const { neighbour, stream, substream, of } = burden;
    this.#remove((child) => child === burden);
    this.#places = Math.min(carried, Math.max(1, this.#children.length));
    neighbour.send({ name: 'unsubscribe', stream, substream, of });
  }

  /** Substreams that the uplink carries, with some room for what is asked for. */
  get #carried(): number {
    const { bytesPerSecond } = this.#options.uploader;
    if (bytesPerSecond === null || this.#streamBytesPerSecond === 0) return this.#most;
    return Math.floor((USED_SHARE * bytesPerSecond * SUBSTREAMS) / this.#streamBytesPerSecond);
  }

  /** Most places are for the substreams this peer passes on to many. */
  #hasPlace(substream: number): boolean {
    if (this.#children.length >= this.#places) return false;
    const isAtHome = (one: number): boolean => isHome(this.#options.selfHash, one);
    return isAtHome(substream) || this.#children.filter((child) => !isAtHome(child.substream)).length < STRANGERS;
  }

  #push({ neighbour, stream, substream, of, from }: Child, chunk: PendingChunk, piece: number): void {
    if (chunk.stream !== stream || chunk.index < from || substreamOf(piece, chunk.pieces, of) !== substream) return;
    if (neighbour.streams.get(stream)?.holdsPiece(chunk.index, piece)) return;
    // What is nearly due the child has asked of the seeder by now.
    const patienceMs = this.#slackOf(neighbour, chunk) - this.#options.settings.urgentSteadyMs - (neighbour.rttMs ?? 0) / 2;
    if (patienceMs <= 0) return;
    this.#options.uploader.push(neighbour, { stream, chunk: chunk.index, first: piece, count: 1 }, { deadlineMs: PUSH_DEADLINE_MS, patienceMs });
  }

  /** This peer's own slack, as far as it agrees with the chunk that the neighbour said it plays. */
  #slackOf(neighbour: Neighbour, { stream, index, record }: PendingChunk): number {
    const own = this.#options.slackMs(record.startUs);
    const playhead = neighbour.streams.get(stream)?.playhead ?? null;
    if (playhead === null) return own;
    const durationMs = record.durationUs / 1000;
    return Math.min(Math.max(own, (index - playhead - 1) * durationMs), (index - playhead) * durationMs);
  }

  #remove(isOut: (child: Child) => boolean): void {
    for (let at = this.#children.length - 1; at >= 0; at--) if (isOut(this.#children[at]!)) this.#children.splice(at, 1);
  }
}

const isSame = (child: Child, neighbour: Neighbour, ask: MessageBody<'unsubscribe'>): boolean =>
  child.neighbour === neighbour && child.stream === ask.stream && child.substream === ask.substream && child.of === ask.of;

/** Whether a neighbour can be subscribed to. */
export const pushes = (neighbour: Neighbour): boolean => (neighbour.features & FEATURE.push) !== 0;
