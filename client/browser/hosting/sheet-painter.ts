/**
 * Small pictures of a film for the seek bar, decoded by WebCodecs from the keyframes that its chunks begin with: a hundred
 * pictures at most, however long the film. One at a time, so that whoever asks for a chunk meanwhile does not wait long.
 */
import { CanvasSink } from 'mediabunny';
import { layOutSheet, type SheetLayout } from '#ingest/sheet-layout';
import type { MediaFile } from '#ingest/media-file';
import type { FilePlan } from './plan-file.ts';

const QUALITY = 0.7;

export class SheetPainter {
  readonly layout: SheetLayout;
  readonly #sink: CanvasSink;
  readonly #canvas: OffscreenCanvas;
  readonly #momentsS: readonly number[];

  /** Null where the film has no picture, or none that this browser decodes for pages. */
  static async of({ video }: MediaFile, plan: FilePlan): Promise<SheetPainter | null> {
    if (!video || !('VideoDecoder' in globalThis) || !('OffscreenCanvas' in globalThis) || !(await video.track.canDecode())) return null;
    return new SheetPainter(video.track, plan);
  }

  private constructor(track: ConstructorParameters<typeof CanvasSink>[0], { stream, chunks }: FilePlan) {
    this.layout = layOutSheet(stream, chunks.length);
    const { width, height, columns, rows } = this.layout;
    this.#sink = new CanvasSink(track, { width, height, fit: 'fill', poolSize: 1 });
    this.#canvas = new OffscreenCanvas(width * columns, height * rows);
    this.#momentsS = this.layout.chunks.map((chunk) => chunks[chunk]!.keyS);
  }

  /** @param at number of the picture, below that of `layout.chunks` */
  async paint(at: number): Promise<void> {
    const picture = await this.#sink.getCanvas(this.#momentsS[at]!);
    const { columns, width, height } = this.layout;
    // A keyframe that cannot be decoded leaves its place black.
    if (picture) this.#canvas.getContext('2d', { alpha: false })!.drawImage(picture.canvas, (at % columns) * width, Math.floor(at / columns) * height);
  }

  /** JPEG. */
  async sheet(): Promise<Uint8Array<ArrayBuffer>> {
    return new Uint8Array(await (await this.#canvas.convertToBlob({ type: 'image/jpeg', quality: QUALITY })).arrayBuffer());
  }
}
