/**
 * A camera that shows the time: this machine's clock as a row of black and white blocks, drawn into the picture that is
 * captured and read from the picture that is seen. What lies between is everything: capture, encoding, packaging, the
 * way, decoding, painting. Both functions run inside pages and use nothing from outside themselves.
 */

/** Replaces the page's camera by such a picture, with a tone. */
export function installClockCamera(): void {
  const [bits, width, height] = [44, 1280, 720];
  const canvas = document.createElement('canvas');
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext('2d', { alpha: false })!;
  const draw = (): void => {
    const now = Date.now();
    // Something moves, as in front of a camera.
    context.fillStyle = `hsl(${(now / 20) % 360} 40% 50%)`;
    context.fillRect(0, 0, width, height);
    context.fillStyle = '#fff';
    context.fillRect(((now / 4) % width) - 60, 300, 120, 200);
    for (let bit = 0; bit < bits; bit++) {
      context.fillStyle = Math.floor(now / 2 ** bit) % 2 === 1 ? '#fff' : '#000';
      context.fillRect((bit % 22) * (width / 22), Math.floor(bit / 22) * 80, width / 22, 80);
    }
  };
  setInterval(draw, 1000 / 30);
  draw();
  navigator.mediaDevices.getUserMedia = () => {
    const stream = canvas.captureStream(30);
    const audio = new AudioContext();
    const tone = audio.createOscillator();
    const sink = audio.createMediaStreamDestination();
    tone.connect(sink);
    tone.start();
    for (const track of sink.stream.getAudioTracks()) stream.addTrack(track);
    return Promise.resolve(stream);
  };
}

/** Milliseconds since what the page's video shows was drawn; null while it shows nothing, or a picture that cannot be read. */
export function readLagMs(): number | null {
  const video = document.querySelector('video');
  if (video === null || video.readyState < 2) return null;
  const [bits, width, height] = [44, 440, 248];
  const canvas = document.createElement('canvas');
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext('2d', { willReadFrequently: true })!;
  const nowMs = Date.now();
  context.drawImage(video, 0, 0, width, height);
  let shownMs = 0;
  for (let bit = 0; bit < bits; bit++) {
    const [x, y] = [((bit % 22) + 0.5) * (width / 22), (Math.floor(bit / 22) + 0.5) * ((80 * height) / 720)];
    const [red = 0, green = 0, blue = 0] = context.getImageData(Math.round(x), Math.round(y), 1, 1).data;
    if (red + green + blue > 380) shownMs += 2 ** bit;
  }
  const lagMs = nowMs - shownMs;
  return lagMs >= 0 && lagMs < 60_000 ? lagMs : null;
}
