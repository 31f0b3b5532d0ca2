/**
 * Control bytes against media bytes of a whole swarm over a stretch of steady state, from the viewers' own counts: the
 * difference between two readings of every viewer.
 */
import { controlRatio } from '#protocol/metrics';
import type { BenchViewer } from './audience.ts';
import { BenchError } from './bench-error.ts';
import { atMost, type Figure } from './run.ts';

interface Reading {
  readonly media: number;
  readonly control: number;
  readonly tracker: number;
}

export interface ControlResult {
  readonly windowMs: number;
  readonly viewers: number;
  readonly mediaBytes: number;
  /** Both ends count every control message, so this is half of the sum. */
  readonly linkControlBytes: number;
  readonly trackerBytes: number;
  readonly ratio: number | null;
}

export class ControlWindow {
  readonly #viewers: readonly BenchViewer[];
  readonly #before: Reading;
  readonly #openedMs = performance.now();
  #result: ControlResult | null = null;

  private constructor(viewers: readonly BenchViewer[], before: Reading) {
    this.#viewers = viewers;
    this.#before = before;
  }

  static async open(viewers: readonly BenchViewer[]): Promise<ControlWindow> {
    return new ControlWindow(viewers, await read(viewers));
  }

  get result(): ControlResult | null {
    return this.#result;
  }

  async close(): Promise<void> {
    const after = await read(this.#viewers);
    const mediaBytes = after.media - this.#before.media;
    const linkControlBytes = (after.control - this.#before.control) / 2;
    const trackerBytes = after.tracker - this.#before.tracker;
    const windowMs = Math.round(performance.now() - this.#openedMs);
    const ratio = controlRatio(linkControlBytes + trackerBytes, mediaBytes);
    this.#result = { windowMs, viewers: this.#viewers.length, mediaBytes, linkControlBytes, trackerBytes, ratio };
  }

  figures(run: string): Figure[] {
    const result = this.#result;
    if (result === null) return [];
    const percent = (bytes: number): string => `${((100 * bytes) / result.mediaBytes).toFixed(2)} %`;
    return [
      atMost(2, {
        name: `${run}: control bytes / media bytes`,
        floor: '',
        measured: result.ratio === null ? null : result.ratio * 100,
        unit: ' %',
        how: `${result.viewers} viewers, ${Math.round(result.windowMs / 1000)} s after all had joined: everything on peer links that is no piece payload (each message once, ${percent(result.linkControlBytes)}) and WebSocket payload to and from the tracker (${percent(result.trackerBytes)}), over verified media bytes.`,
      }),
    ];
  }
}

async function read(viewers: readonly BenchViewer[]): Promise<Reading> {
  let [media, control, tracker] = [0, 0, 0];
  for (const viewer of viewers) {
    const engine = (await viewer.snapshot())?.engine;
    if (!engine) throw new BenchError(`${viewer.name} shows no figures.`);
    media += engine.bytes.fromPeers + engine.bytes.fromSeeder;
    control += engine.bytes.control;
    tracker += viewer.trackerBytes;
  }
  return { media, control, tracker };
}
