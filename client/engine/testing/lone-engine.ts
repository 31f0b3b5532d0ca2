/**
 * One engine between fakes that only record: for tests of what it says to one neighbour and to nobody else. Whole
 * swarms are tested in the simulator, real transports in the browsers.
 */
import { bytesToBase64 } from '#protocol/base64';
import type { ChannelDescription } from '#protocol/description';
import type { Hosted } from '#protocol/hosted';
import { idToText, type ChannelId, type ChunkIndex, type PeerId, type StreamId } from '#protocol/ids';
import { DIGEST_BYTES, PIECE_BYTES } from '#protocol/limits';
import { leafInput, merkleRoot } from '#protocol/merkle';
import { decode, encode, type Message, type MessageName } from '#protocol/messages';
import { pieceCount, pieceLength, recordField, type LogEntry } from '#protocol/record';
import { writerOf } from '#protocol/field';
import { SeededRandom } from '#protocol/seeded-random';
import { createEngine } from '../engine.ts';
import type { Engine } from '../engine-api.ts';
import type { Cancel, DialerListener, LinkEnd, OriginTransfer, PeerLink, TrackerListener } from '../ports.ts';
import { defaultSettings, type Settings } from '../settings.ts';

const id = (fill: number): string => idToText(new Uint8Array(20).fill(fill));
export const CHANNEL = id(1) as ChannelId;
export const SELF = id(2) as PeerId;
export const STREAM = 0 as StreamId;

/** Not SHA-256, but different for different bytes; what a signature covers is checked by comparing it whole. */
export function digest(bytes: Uint8Array): Uint8Array {
  const out = new Uint8Array(DIGEST_BYTES);
  let h = 0x811c9dc5 ^ bytes.length;
  for (let i = 0; i < bytes.length; i++) {
    h = Math.imul(h ^ bytes[i]!, 0x01000193);
    out[i % DIGEST_BYTES]! ^= (h >>> 13) & 0xff;
  }
  return out;
}

export class ManualClock {
  #nowMs = 0;
  #timers: { atMs: number; run: () => void }[] = [];

  nowMs(): number {
    return this.#nowMs;
  }

  after(ms: number, run: () => void): Cancel {
    const timer = { atMs: this.#nowMs + ms, run };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  get pending(): number {
    return this.#timers.length;
  }

  advance(ms: number): void {
    const untilMs = this.#nowMs + ms;
    for (;;) {
      const due = this.#timers.filter((timer) => timer.atMs <= untilMs).sort((a, b) => a.atMs - b.atMs)[0];
      if (!due) break;
      this.#timers = this.#timers.filter((timer) => timer !== due);
      this.#nowMs = Math.max(this.#nowMs, due.atMs);
      due.run();
    }
    this.#nowMs = untilMs;
  }
}

/** The far end of a link: what a scripted neighbour says and hears. */
export class ScriptedNeighbour implements PeerLink {
  readonly remote: PeerId;
  readonly heard: Message[] = [];
  bufferedBytes = 0;
  isCongested = false;
  isClosed = false;
  #onMessage: (bytes: Uint8Array) => void = () => undefined;
  #onEnd: (end: LinkEnd) => void = () => undefined;

  constructor(fill: number) {
    this.remote = id(fill) as PeerId;
  }

  send(bytes: Uint8Array): void {
    if (!this.isClosed) this.heard.push(decode(bytes.slice()));
  }

  onDrained(): void {}

  onMessage(listener: (bytes: Uint8Array) => void): void {
    this.#onMessage = listener;
  }

  onEnd(listener: (end: LinkEnd) => void): void {
    this.#onEnd = listener;
  }

  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.#onEnd('closedHere');
  }

  say(message: Message): void {
    this.sayBytes(encode(message));
  }

  sayBytes(bytes: Uint8Array): void {
    if (!this.isClosed) this.#onMessage(bytes);
  }

  hello(change: Partial<Extract<Message, { name: 'hello' }>> = {}): void {
    this.say({ name: 'hello', version: 1, lowestVersion: 1, channel: CHANNEL, peer: this.remote, pieceBytes: PIECE_BYTES, features: 1, ticket: new Uint8Array(0), ...change });
  }

  of<N extends MessageName>(name: N): Extract<Message, { name: N }>[] {
    return this.heard.filter((message): message is Extract<Message, { name: N }> => message.name === name);
  }
}

/** A film of `chunks` chunks of 2 s and 40,000 bytes (three pieces), each filled with its number. */
export class Film {
  readonly description: ChannelDescription;
  readonly bytes: readonly Uint8Array[];
  readonly entries: readonly LogEntry[];

  constructor(chunks: number, chunkBytes = 40_000, isProgressive = false) {
    this.bytes = Array.from({ length: chunks }, (_, index) => Uint8Array.from({ length: chunkBytes }, (_, at) => (index * 31 + at * 7 + (at >> 8)) & 0xff));
    this.entries = this.bytes.map((bytes, index) => entryOf(bytes, index));
    this.description = {
      version: 1,
      publicKey: bytesToBase64(new Uint8Array(32).fill(9)),
      title: 'A film',
      kind: 'vod',
      pieceBytes: PIECE_BYTES,
      windowChunks: 0,
      streams: [
        {
          id: 0, kind: 'muxed', codecs: '', bandwidth: 1, averageBandwidth: 1, width: 0, height: 0, frameRate: 0, language: '', name: '', init: '',
          extension: 'm4s', isProgressive, targetDurationSeconds: 2, durationsUs: this.bytes.map(() => 2_000_000),
        },
      ],
    };
  }

  piece(index: number, piece: number): Message {
    const bytes = this.bytes[index]!;
    const data = bytes.slice(piece * PIECE_BYTES, piece * PIECE_BYTES + pieceLength(bytes.length, piece));
    return { name: 'piece', stream: STREAM, chunk: index as ChunkIndex, piece, data };
  }
}

function entryOf(bytes: Uint8Array, index: number): LogEntry {
  const hashes = new Uint8Array(pieceCount(bytes.length) * DIGEST_BYTES);
  for (let piece = 0; piece * PIECE_BYTES < bytes.length; piece++) {
    const part = bytes.subarray(piece * PIECE_BYTES, piece * PIECE_BYTES + pieceLength(bytes.length, piece));
    hashes.set(digest(leafInput(part)), piece * DIGEST_BYTES);
  }
  const record = {
    stream: STREAM, index: index as ChunkIndex, startUs: index * 2_000_000, durationUs: 2_000_000, bytes: bytes.length,
    root: merkleRoot(hashes, digest), mediaSequence: index, discontinuitySequence: 0, onAirMs: 0,
  };
  const out = writerOf(recordField.size(record));
  recordField.write(out, record);
  const signature = new Uint8Array(64);
  signature.set(digest(out.bytes));
  return { signed: { record, signature }, hashes };
}

export interface OriginAsk {
  readonly chunk: number;
  readonly firstByte: number;
  readonly lastByte: number;
  readonly transfer: OriginTransfer;
  isCancelled: boolean;
}

export class LoneEngine {
  readonly clock = new ManualClock();
  readonly film: Film;
  readonly engine: Engine;
  readonly dialed: PeerId[] = [];
  readonly asks: OriginAsk[] = [];
  dialer: DialerListener | undefined;
  tracker: TrackerListener | undefined;
  isTrackerConnected = true;
  /** Questions about the log fail at once, instead of never being answered. */
  isSeederDead = false;
  readonly stored = new Map<number, Uint8Array>();
  /** How a store makes a chunk that it does not have; a test that wants one sets it. */
  load: ((chunk: number, done: (isThere: boolean) => void) => void) | undefined;

  constructor(options: { film?: Film; settings?: Partial<Settings>; mode?: 'on' | 'off' | 'download'; role?: 'viewer' | 'host'; hosted?: Hosted; lateMs?: number } = {}) {
    const { film = new Film(10), settings = {}, mode = 'on', role = 'viewer', hosted, lateMs = 0 } = options;
    this.film = film;
    this.engine = createEngine(
      {
        clock: this.clock,
        wallClockMs: () => 0,
        random: new SeededRandom('lone engine'),
        hasher: {
          digest,
          hashPiece: (piece, done) => {
            done(digest(leafInput(piece)));
          },
          // A "signature" is the digest of the record's bytes, which end what is signed.
          verify: (_key, message, signature, done) => {
            const expected = digest(message.subarray(message.length - 65));
            done(expected.every((byte, at) => byte === signature[at]));
          },
        },
        dialer: {
          dial: (peer) => this.dialed.push(peer),
          signal: () => undefined,
          setIceServers: () => undefined,
          listen: (listener) => (this.dialer = listener),
          dialing: 0,
          isAvailable: true,
          hangUp: () => undefined,
          close: () => undefined,
        },
        tracker: {
          join: (_channel, _peer, _position, listener) => (this.tracker = listener),
          moreCandidates: () => undefined,
          isConnected: true,
          signal: () => undefined,
          report: () => undefined,
          leave: () => undefined,
        },
        origin: {
          fetchChunk: (_stream, chunk, firstByte, lastByte, transfer) => {
            const ask: OriginAsk = { chunk, firstByte, lastByte, transfer, isCancelled: false };
            this.asks.push(ask);
            return () => (ask.isCancelled = true);
          },
          fetchRecords: (_stream, _first, _count, _done, failed) => {
            if (this.isSeederDead) queueMicrotask(() => failed('unreachable'));
            return () => undefined;
          },
        },
        store: {
          put: (_stream, chunk, bytes) => this.stored.set(chunk, bytes),
          get: (_stream, chunk) => this.stored.get(chunk),
          delete: (_stream, chunk) => this.stored.delete(chunk),
          load: (_stream, chunk, done) => (this.load ?? ((_chunk, failed) => failed(false)))(chunk, done),
        },
      },
      { channel: CHANNEL, description: film.description, peer: SELF, mode, role, hosted, lateMs, settings: { ...defaultSettings, ...settings } },
    );
  }

  /** Knows all records, plays from the start unless told otherwise. */
  start({ mediaUs = 0, hasStarted = true } = {}): void {
    this.engine.offerEntries(this.film.entries);
    this.engine.setPlayhead({ mediaUs, rate: 1, hasStarted });
    this.engine.start();
    this.tracker?.onJoined({ candidates: [], swarmSize: 1, iceServers: [], ticket: new Uint8Array(0), heads: [], clockOffsetMs: 0 });
  }

  connect(fill: number): ScriptedNeighbour {
    const neighbour = new ScriptedNeighbour(fill);
    this.dialer?.onLink(neighbour);
    return neighbour;
  }

  /** A neighbour that has greeted and says it holds `chunks`. */
  meet(fill: number, chunks: readonly number[]): ScriptedNeighbour {
    const neighbour = this.connect(fill);
    this.greet(neighbour, chunks);
    return neighbour;
  }

  /** Its hello, and what it holds. */
  greet(neighbour: ScriptedNeighbour, chunks: readonly number[]): void {
    neighbour.hello();
    const length = this.film.bytes.length;
    const bits = new Uint8Array((length + 7) >> 3);
    for (const chunk of chunks) bits[chunk >> 3]! |= 0x80 >> (chunk & 7);
    neighbour.say({ name: 'bufferMap', stream: STREAM, playhead: 0 as ChunkIndex, offset: 0 as ChunkIndex, length, bits });
  }

  /** The seeder delivers what was asked of it and not cancelled, whole. */
  answerOrigin(): void {
    for (const ask of this.asks.splice(0)) {
      if (ask.isCancelled) continue;
      ask.transfer.onBytes(this.film.bytes[ask.chunk]!.slice(ask.firstByte, ask.lastByte + 1));
      ask.transfer.onEnd();
    }
  }
}
