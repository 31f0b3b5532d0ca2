import { describe, expect, it } from 'vitest';
import type { ChunkIndex } from '#protocol/ids';
import { PIECE_BYTES } from '#protocol/limits';
import { REJECT_REASON } from '#protocol/messages';
import { ChunkLibrary } from './chunk-library.ts';
import { Neighbour } from './neighbour.ts';
import { defaultSettings, type Settings } from './settings.ts';
import { ManualClock, ScriptedNeighbour, STREAM } from './testing/lone-engine.ts';
import { Uploader } from './uploader.ts';

const PIECES = 64;
const CHUNK = 4 as ChunkIndex;
const UPLINK = 62_500;
const STEP_MS = 10;

/** An uploader with one chunk, whose links share an uplink of half a megabit. */
class Bench {
  readonly clock = new ManualClock();
  readonly neighbours: Neighbour[] = [];
  readonly heard: ScriptedNeighbour[] = [];
  readonly uploader: Uploader;
  readonly #stuck = new Set<ScriptedNeighbour>();

  constructor(settings: Partial<Settings> = {}) {
    const library = new ChunkLibrary({ put: () => undefined, get: () => undefined, delete: () => undefined });
    const bytes = PIECES * PIECE_BYTES;
    const record = { stream: STREAM, index: CHUNK, startUs: 0, durationUs: 1e6, bytes, root: new Uint8Array(32), mediaSequence: 4, discontinuitySequence: 0, onAirMs: 1 };
    const chunk = library.open(record, new Uint8Array(32 * PIECES), 0);
    for (let piece = 0; piece < PIECES; piece++) chunk.store(piece, new Uint8Array(PIECE_BYTES), 'seeder');
    const { clock, neighbours } = this;
    this.uploader = new Uploader({ clock, library, settings: { ...defaultSettings, ...settings }, lag: { ms: 0 }, neighbours: () => neighbours, allowance: () => Infinity, onSent: () => undefined });
    this.uploader.setEnabled(true);
  }

  meet(fill: number): Neighbour {
    const heard = new ScriptedNeighbour(fill);
    const send = heard.send.bind(heard);
    heard.send = (bytes) => {
      heard.bufferedBytes += bytes.length;
      send(bytes);
    };
    const neighbour = new Neighbour(heard, 0);
    neighbour.state = 'active';
    this.neighbours.push(neighbour);
    this.heard.push(heard);
    return neighbour;
  }

  /** It reads nothing any more. */
  stick(at: number): void {
    this.#stuck.add(this.heard[at]!);
  }

  ask(neighbour: Neighbour, first: number, count: number, deadlineMs: number): void {
    this.uploader.onRequest(neighbour, { stream: STREAM, chunk: CHUNK, first, count, deadlineMs });
  }

  /** The uplink takes from links in turn, as much as it carries. */
  run(ms: number): void {
    for (let past = 0; past < ms; past += STEP_MS) {
      let left = (UPLINK * STEP_MS) / 1000;
      for (const link of this.heard) {
        if (this.#stuck.has(link)) continue;
        const taken = Math.min(left, link.bufferedBytes);
        link.bufferedBytes -= taken;
        left -= taken;
      }
      this.clock.advance(STEP_MS);
      this.uploader.serve();
    }
  }

  /** Keeps the uplink busy until its speed is known. */
  learn(): void {
    const first = this.meet(3);
    this.ask(first, 0, 20, 20_000);
    this.run(8_000);
    for (const heard of this.heard) heard.heard.length = 0;
  }

  pieces(at: number): number {
    return this.heard[at]!.of('piece').length;
  }

  refused(at: number): number {
    return this.heard[at]!.of('reject').filter(({ reason }) => reason === REJECT_REASON.busy).reduce((sum, { count }) => sum + count, 0);
  }
}

describe('an uploader whose uplink is slow', () => {
  it('learns its speed and keeps little in links', () => {
    const bench = new Bench();
    const neighbour = bench.meet(3);
    bench.ask(neighbour, 0, 20, 20_000);
    let most = 0;
    for (let at = 0; at < 300; at++) {
      bench.run(STEP_MS);
      most = Math.max(most, bench.heard[0]!.bufferedBytes);
    }
    expect(most).toBeLessThan(4 * PIECE_BYTES);
    expect(bench.uploader.bytesPerSecond! / UPLINK).toBeGreaterThan(0.75);
    expect(bench.uploader.bytesPerSecond! / UPLINK).toBeLessThan(1.25);
  });

  it('Q-7: turns down at once what it cannot send in time, and sends what it promised', () => {
    const bench = new Bench();
    bench.learn();
    const [one, other] = [bench.meet(4), bench.meet(5)];
    bench.ask(one, 0, 10, 1_500);
    expect(bench.refused(1)).toBeGreaterThanOrEqual(6);
    bench.ask(other, 0, 4, 1_500);
    bench.run(1_500 + STEP_MS);
    expect(bench.pieces(1) + bench.refused(1)).toBe(10);
    expect(bench.pieces(2) + bench.refused(2)).toBe(4);
    expect(bench.pieces(1) + bench.pieces(2)).toBeGreaterThanOrEqual(4);
    expect(bench.pieces(2)).toBeGreaterThan(0);
  });

  it('nobody gets ahead by claiming a deadline that makes a promise late', () => {
    const bench = new Bench();
    bench.learn();
    const [honest, pushy] = [bench.meet(4), bench.meet(5)];
    bench.ask(honest, 0, 3, 1_000);
    const promised = 3 - bench.refused(1);
    expect(promised).toBeGreaterThan(0);
    for (let piece = 0; piece < 10; piece++) bench.ask(pushy, piece, 1, 280);
    bench.run(2_000);
    expect(bench.pieces(1)).toBe(promised);
  });

  it('drops a pushed piece that is of no use any more', () => {
    const bench = new Bench();
    bench.learn();
    const child = bench.meet(4);
    for (let piece = 0; piece < 10; piece++) {
      bench.uploader.push(child, { stream: STREAM, chunk: CHUNK, first: piece, count: 1 }, { deadlineMs: 300, patienceMs: 1_000 });
    }
    bench.run(5_000);
    expect(bench.pieces(1)).toBeGreaterThanOrEqual(2);
    expect(bench.pieces(1)).toBeLessThanOrEqual(5);
    expect(child.owedPieces).toBe(0);
  });

  it('is not held up by a neighbour that takes nothing off its link', () => {
    const bench = new Bench();
    bench.learn();
    const [mute, other] = [bench.meet(4), bench.meet(5)];
    bench.stick(1);
    bench.ask(mute, 0, 4, 4_000);
    bench.run(6_000);
    for (let at = 0; at < 4; at++) {
      bench.ask(other, 4 * at, 4, 2_000);
      bench.run(1_500);
    }
    expect(bench.pieces(2)).toBeGreaterThanOrEqual(10);
    expect(bench.pieces(1)).toBeLessThanOrEqual(2);
  });

  it('promises no more than its cap allows', () => {
    const bench = new Bench({ uploadCapBytesPerSecond: 20_000 });
    const neighbour = bench.meet(4);
    bench.ask(neighbour, 0, 20, 2_000);
    expect(bench.refused(0)).toBeGreaterThanOrEqual(18);
  });
});
