/**
 * A camera in the corner of a screen: each picture of the screen gets the camera's newest one drawn onto it on its way to
 * the encoder. Driven by the screen's pictures and by no timer, because the page that shows a screen is usually behind
 * something else, where browsers slow timers and animation down.
 */
import type { VideoSample } from 'mediabunny';

/** Share of the width that the camera takes, and of it the distance from the edges and the rounding of its corners. */
const WIDTH = 0.22;
const MARGIN = 0.06;
const ROUND = 0.06;

/** Not in every browser, and not in the types of pages: the pictures of a track as a stream. */
type TrackProcessor = new (options: { track: MediaStreamTrack }) => { readonly readable: ReadableStream<VideoFrame> };

export class InsetPicture {
  readonly #left = new AbortController();
  readonly #canvas = new OffscreenCanvas(2, 2);
  /** Where the browser gives no pictures of a track, its video element is looked at. */
  #video: HTMLVideoElement | undefined;
  #newest: VideoFrame | undefined;

  /** @param track its owner's to stop */
  constructor(track: MediaStreamTrack) {
    const { MediaStreamTrackProcessor: Processor } = globalThis as { readonly MediaStreamTrackProcessor?: TrackProcessor };
    if (Processor) {
      void new Processor({ track }).readable.pipeTo(new WritableStream({ write: (frame) => this.#keep(frame) }), { signal: this.#left.signal }).catch(() => this.#keep(undefined)); // The camera is gone: the screen goes on alone.
    } else {
      this.#video = Object.assign(document.createElement('video'), { muted: true, playsInline: true, srcObject: new MediaStream([track]) });
      void this.#video.play().catch(() => undefined); // No picture of it then.
    }
  }

  /** The screen's picture with the camera in its lower right corner. */
  drawOn(sample: VideoSample): OffscreenCanvas | VideoSample {
    const camera = this.#camera();
    const context = this.#canvas.getContext('2d', { alpha: false });
    if (camera === undefined || context === null) return sample;
    const [width, height] = [sample.displayWidth, sample.displayHeight];
    if (this.#canvas.width !== width || this.#canvas.height !== height) Object.assign(this.#canvas, { width, height });
    sample.draw(context, 0, 0, width, height);
    const own = Math.round(width * WIDTH);
    const box = { width: own, height: Math.round((own * camera.height) / camera.width) };
    const [x, y] = [width - box.width - own * MARGIN, height - box.height - own * MARGIN];
    context.save();
    context.beginPath();
    context.roundRect(x, y, box.width, box.height, own * ROUND);
    context.clip();
    context.drawImage(camera.picture, x, y, box.width, box.height);
    context.restore();
    return this.#canvas;
  }

  /** Idempotent. */
  close(): void {
    this.#left.abort();
    this.#keep(undefined);
    if (this.#video) this.#video.srcObject = null;
  }

  #camera(): { readonly picture: CanvasImageSource; readonly width: number; readonly height: number } | undefined {
    if (this.#newest) return { picture: this.#newest, width: this.#newest.displayWidth, height: this.#newest.displayHeight };
    if (this.#video && this.#video.videoWidth > 0) return { picture: this.#video, width: this.#video.videoWidth, height: this.#video.videoHeight };
    return undefined;
  }

  /** Frames are few in a browser's pool: each is given back as soon as the next is here. */
  #keep(frame: VideoFrame | undefined): void {
    this.#newest?.close();
    if (frame && this.#left.signal.aborted) frame.close();
    this.#newest = this.#left.signal.aborted ? undefined : frame;
  }
}
