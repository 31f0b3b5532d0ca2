// A live host that goes and comes back: OBS or ffmpeg sending RTMP, with people watching.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { findProgram } from '../../scripts/browsers.ts';
import { Child } from '../fixtures/child.ts';
import { freePort } from '../fixtures/free-port.ts';
import { expect, test } from '../fixtures/test.ts';

const ffmpeg = findProgram('ffmpeg');

/** Sends a test picture at its own pace until it is killed. */
const send = (address: string): ChildProcess => spawn(ffmpeg!, [
  '-hide_banner', '-nostdin', '-loglevel', 'error', '-re', '-f', 'lavfi', '-i', 'testsrc2=s=320x180:r=25', '-re', '-f', 'lavfi', '-i', 'sine=440:r=48000',
  '-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-g', '25', '-pix_fmt', 'yuv420p', '-c:a', 'aac', '-f', 'flv', address,
], { stdio: 'ignore' });

test('a live host is killed and comes back: viewers go on by themselves', async ({ watch }) => {
  test.skip(ffmpeg === undefined, 'ffmpeg is not installed here, so nothing can be sent');
  const folder = mkdtempSync(path.join(tmpdir(), 'tributary-rtmp-'));
  const command = new Child('hosting/main.ts', ['host', '--live', `rtmp:${await freePort()}`, '--chunk', '1', '--json', '--no-build', '--consent', 'implied', '--port', '0', '--data', folder]);
  const senders: ChildProcess[] = [];
  const states = (): unknown[] => command.all('source').map(({ state }) => state);
  try {
    const { server, streamKey } = await command.first('rtmp');
    const sendFor = async (times: number): Promise<void> => {
      // Whoever comes before the listener is back is turned away, as OBS is, and tries again.
      while (states().length < times) {
        const sender = send(`${String(server)}/${String(streamKey)}`);
        senders.push(sender);
        await Promise.race([once(sender, 'close'), command.until(`"source" ${times} times`, () => states().length >= times)]);
      }
    };
    await sendFor(1);
    const { url } = await command.first('channel');
    const hls = String(url).replace('/watch/', '/channels/');
    await expect.poll(async () => (await fetch(`${hls}/0/3.m4s`)).status, { message: 'four chunks on the air' }).toBe(200);
    const viewer = await watch(String(url));
    await viewer.isPlaying();
    await viewer.playsOn(3);
    senders.at(-1)!.kill('SIGKILL');
    await command.until('that its source is away', () => states().length === 2);
    await sendFor(3);
    const from = (await viewer.video()).currentTime;
    await viewer.reaches(from + 8);
    expect(states()).toEqual(['on', 'away', 'on']);
    expect((await viewer.video()).error).toBeNull();
  } finally {
    for (const sender of senders) sender.kill('SIGKILL');
    await command.end();
    rmSync(folder, { recursive: true, force: true });
  }
});
