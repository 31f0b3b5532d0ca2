// A camera on air from a page: Chromium's own test camera and microphone, through the real encoders, to other pages.
import type { Page } from '@playwright/test';
import { findBrowser } from '../../scripts/browsers.ts';
import { launchBrowser } from '../fixtures/browsers.ts';
import { expect, test } from '../fixtures/test.ts';
import { FAKE_CAPTURE, HostPage } from '../pages/host-page.ts';

/** By how many chunks the broadcast grew each time that it did, until it has grown by `chunks`. */
const growth = async (page: Page, chunks: number): Promise<number[]> =>
  page.evaluate(
    async (wanted) =>
      new Promise<number[]>((resolve) => {
        const steps: number[] = [];
        const made = (): number => window.tributaryHost!()!.made;
        let before = made();
        const until = before + wanted;
        const look = setInterval(() => {
          const now = made();
          if (now > before) steps.push(now - before);
          before = now;
          if (now < until) return;
          clearInterval(look);
          resolve(steps);
        }, 50);
      }),
    chunks,
  );

test('a camera with sound is seen a few seconds later, chunk by chunk as they are made', async ({ house, openPage, watch }) => {
  const studio = await launchBrowser('chromium', FAKE_CAPTURE);
  try {
    const host = new HostPage(await openPage({ browser: studio }));
    await host.open(house.server.url);
    await host.chooseLive('camera');
    const viewer = await watch(await host.goOnAir());
    await viewer.isPlaying();
    // Whatever collects media on the way (a resampler, an encoder that looks ahead) would let several go at a time.
    expect(Math.max(...(await growth(host.page, 8)))).toBeLessThanOrEqual(2);
    await viewer.playsOn(6);
    await viewer.isLive();
    const hasSound = await viewer.page.evaluate(() => (document.querySelector('video') as HTMLVideoElement & { webkitAudioDecodedByteCount?: number }).webkitAudioDecodedByteCount);
    if (hasSound !== undefined) expect(hasSound).toBeGreaterThan(0);
  } finally {
    await studio.close();
  }
});

/** A camera whose picture is another size each time a page of this browser asks for it, without a microphone the first time. */
function installChangingCamera(): void {
  // Not on the empty page that a browser begins with.
  if (!('mediaDevices' in navigator)) return;
  navigator.mediaDevices.getUserMedia = () => {
    const visit = Number(localStorage.getItem('visits') ?? '0');
    localStorage.setItem('visits', String(visit + 1));
    const canvas = Object.assign(document.createElement('canvas'), visit === 0 ? { width: 640, height: 360 } : { width: 320, height: 240 });
    const context = canvas.getContext('2d')!;
    setInterval(() => {
      context.fillStyle = `hsl(${(Date.now() / 20) % 360} 50% 50%)`;
      context.fillRect(0, 0, canvas.width, canvas.height);
    }, 40);
    const stream = canvas.captureStream(25);
    if (visit > 0) stream.addTrack(new AudioContext().createMediaStreamDestination().stream.getAudioTracks()[0]!);
    return Promise.resolve(stream);
  };
}

test('a page that crashed comes back with another camera: who stayed goes on by itself, who comes sees it too', async ({ startServer, openPage, watch }) => {
  const server = await startServer({ publish: 'on' });
  const studio = await launchBrowser('chromium', FAKE_CAPTURE);
  try {
    const first = new HostPage(await openPage({ browser: studio, before: installChangingCamera }));
    await first.open(server.url);
    await first.chooseLive('camera');
    const link = await first.goOnAir();
    const viewer = await watch(link);
    await viewer.isPlaying();
    const size = async (): Promise<string> => viewer.page.evaluate(() => `${document.querySelector('video')!.videoWidth}x${document.querySelector('video')!.videoHeight}`);
    expect(await size()).toBe('640x360');
    const again = new HostPage(await first.page.context().newPage());
    await first.page.goto('chrome://crash').catch(() => undefined);
    await expect(viewer.status).toContainText('away', { timeout: 40_000 });
    await again.open(server.url);
    const returnedMs = Date.now();
    expect(await again.goOnAirAgain()).toBe(link);
    await expect.poll(size, { message: 'the picture of the other camera', intervals: [50], timeout: 30_000 }).toBe('320x240');
    test.info().annotations.push({ type: 'from the click to the picture', description: `${Date.now() - returnedMs} ms` });
    await viewer.playsOn(4);
    expect((await viewer.video()).error).toBeNull();
    const late = await watch(link);
    await late.isPlaying();
    await late.playsOn(2);
  } finally {
    await studio.close();
  }
});

test('a browser without WebCodecs records instead, and says what it cannot do', async ({ house, openPage, watch }) => {
  const studio = await launchBrowser('chromium', FAKE_CAPTURE);
  try {
    const withoutEncoders = (): void => {
      for (const name of ['VideoEncoder', 'AudioEncoder', 'MediaStreamTrackProcessor']) Reflect.deleteProperty(globalThis, name);
    };
    const host = new HostPage(await openPage({ browser: studio, before: withoutEncoders }));
    await host.open(house.server.url);
    await expect(host.page.getByRole('region', { name: 'Your screen and you' })).toContainText('This browser has no WebCodecs');
    await host.chooseLive('camera');
    const viewer = await watch(await host.goOnAir());
    await viewer.isPlaying();
    await viewer.playsOn(6);
    await viewer.isLive();
    expect((await viewer.video()).error).toBeNull();
  } finally {
    await studio.close();
  }
});

/** A camera of one colour, in a browser whose screen is of another. */
function installRedCamera(): void {
  const paint = (colour: string, width: number, height: number): MediaStream => {
    const canvas = Object.assign(document.createElement('canvas'), { width, height });
    const context = canvas.getContext('2d')!;
    setInterval(() => {
      context.fillStyle = colour;
      context.fillRect(0, 0, width, height);
    }, 40);
    return canvas.captureStream(25);
  };
  navigator.mediaDevices.getUserMedia = () => Promise.resolve(paint('#e00000', 320, 240));
  navigator.mediaDevices.getDisplayMedia = () => Promise.resolve(paint('#0000e0', 1280, 720));
}

test('screen and camera together: viewers see the camera in the corner', async ({ house, openPage, watch }) => {
  const host = new HostPage(await openPage({ before: installRedCamera }));
  await host.open(house.server.url);
  await host.chooseLive('both');
  await expect(host.page.getByTestId('inset')).toBeVisible();
  const viewer = await watch(await host.goOnAir());
  await viewer.isPlaying();
  await viewer.playsOn(2);
  const colours = await viewer.page.evaluate(() => {
    const video = document.querySelector('video')!;
    const canvas = Object.assign(document.createElement('canvas'), { width: 640, height: 360 });
    const context = canvas.getContext('2d')!;
    context.drawImage(video, 0, 0, 640, 360);
    return [[100, 100], [560, 300]].map(([x, y]) => {
      const [red = 0, , blue = 0] = context.getImageData(x!, y!, 1, 1).data;
      return red > 150 ? 'red' : blue > 150 ? 'blue' : `${red} and ${blue}`;
    });
  });
  expect(colours).toEqual(['blue', 'red']);
  const poster = await host.page.evaluate(async (channel) => {
    const listed = (await (await fetch('/api/channels')).json()) as { id: string; poster: string }[];
    const picture = await createImageBitmap(await (await fetch(listed.find(({ id }) => id === channel)!.poster)).blob());
    const context = new OffscreenCanvas(picture.width, picture.height).getContext('2d')!;
    context.drawImage(picture, 0, 0);
    return [...context.getImageData(100, 100, 1, 1).data];
  }, (await host.snapshot()).channel);
  expect(poster[2], 'blue in the poster').toBeGreaterThan(150);
});

/** A camera of 1280x720, and encoders that are too slow for anything wider than 1000 pixels: frames wait in their line. */
function installSlowEncoder(): void {
  const wide = new WeakSet<VideoEncoder>();
  const { value: configure } = Object.getOwnPropertyDescriptor(VideoEncoder.prototype, 'configure') as { value: (this: VideoEncoder, config: VideoEncoderConfig) => void };
  VideoEncoder.prototype.configure = function (config) {
    if (config.width > 1000) wide.add(this);
    configure.call(this, config);
  };
  const real = Object.getOwnPropertyDescriptor(VideoEncoder.prototype, 'encodeQueueSize')!;
  Object.defineProperty(VideoEncoder.prototype, 'encodeQueueSize', {
    get(this: VideoEncoder): number {
      return wide.has(this) && performance.now() % 200 < 120 ? 9 : (real.get!.call(this) as number);
    },
  });
  const canvas = Object.assign(document.createElement('canvas'), { width: 1280, height: 720 });
  const context = canvas.getContext('2d')!;
  setInterval(() => {
    context.fillStyle = `hsl(${(Date.now() / 20) % 360} 50% 50%)`;
    context.fillRect(0, 0, 1280, 720);
  }, 40);
  navigator.mediaDevices.getUserMedia = () => Promise.resolve(canvas.captureStream(25));
}

test('a machine that is too slow sends a smaller picture and says so', async ({ house, openPage, watch }) => {
  const host = new HostPage(await openPage({ before: installSlowEncoder }));
  await host.open(house.server.url);
  await host.chooseLive('camera');
  const viewer = await watch(await host.goOnAir());
  await viewer.isPlaying();
  await expect(host.remark).toContainText('viewers see 960 by 540', { timeout: 30_000 });
  await expect.poll(async () => viewer.page.evaluate(() => document.querySelector('video')!.videoWidth), { message: 'the smaller picture', timeout: 30_000 }).toBe(960);
  await viewer.playsOn(4);
  expect((await viewer.video()).error).toBeNull();
});

test('a camera in Firefox is seen in another browser', async ({ house, openPage, watch }) => {
  test.skip(findBrowser('firefox') === undefined, 'Firefox is not installed here');
  const studio = await launchBrowser('firefox');
  try {
    const host = new HostPage(await openPage({ browser: studio }));
    await host.open(house.server.url);
    await host.chooseLive('camera');
    const viewer = await watch(await host.goOnAir());
    await viewer.isPlaying();
    await viewer.playsOn(6);
    await viewer.isLive();
    expect((await viewer.video()).error).toBeNull();
  } finally {
    await studio.close();
  }
});
