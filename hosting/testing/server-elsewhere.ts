/** A server of somebody else's that takes channels. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { onTestFinished } from 'vitest';
import { writeClip } from '#ingest/testing/synthetic-clip';
import { temporaryFolder } from '#ingest/testing/temporary-folder';

/** `npm start -- --publish on`, as another machine would run it. @returns its address. */
export async function serverElsewhere(): Promise<string> {
  const folder = await temporaryFolder();
  const clip = await writeClip(join(folder, 'own.mp4'), { seconds: 2 });
  const child = spawn(process.execPath, ['--import', 'tsx', join(import.meta.dirname, '../../signaling-server/main.ts'), '--json', '--port', '0', '--publish', 'on', '--data', join(folder, 'data'), '--vod', `Its own=${clip}`], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await once(child, 'close');
  });
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  return (JSON.parse(line) as { url: string }).url;
}
