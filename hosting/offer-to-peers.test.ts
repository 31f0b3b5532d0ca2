import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, it, onTestFinished } from 'vitest';
import { temporaryFolder } from '#ingest/testing/temporary-folder';
import { writeClip } from '#ingest/testing/synthetic-clip';
import { runHost } from './testing/command.ts';

interface Status {
  readonly event: string;
  readonly bytes?: { readonly fromPeers: number; readonly fromSeeder: number };
}

describe('the server of a host', () => {
  it('is a peer too: a viewer alone has pieces from it over WebRTC', async () => {
    const folder = await temporaryFolder();
    await writeClip(join(folder, 'film.mp4'), { seconds: 40, bytesPerFrame: 4000 });
    const host = runHost(['film.mp4', '--data', 'data', '--port', '0', '--consent', 'implied'], folder);
    const { url } = await host.next('channel');
    // Nobody watches: its own peer is no viewer.
    expect(await host.next('figures')).toMatchObject({ viewers: 0, bytesOut: 0 });
    const viewer = spawn(process.execPath, ['--import', 'tsx', join(import.meta.dirname, '../client/node/main.ts'), String(url), '--json'], { stdio: ['ignore', 'pipe', 'inherit'] });
    onTestFinished(async () => {
      viewer.kill('SIGKILL');
      await once(viewer, 'close');
    });
    let fromPeers = 0;
    for await (const line of createInterface({ input: viewer.stdout })) {
      fromPeers = (JSON.parse(line) as Status).bytes?.fromPeers ?? 0;
      if (fromPeers > 100_000) break;
    }
    expect(fromPeers).toBeGreaterThan(100_000);
    await host.interrupt();
  });
});
