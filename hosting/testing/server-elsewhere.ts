/** A server of somebody else's that takes channels. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { onTestFinished } from 'vitest';
import { writeClip } from '#ingest/testing/synthetic-clip';
import { temporaryFolder } from '#ingest/testing/temporary-folder';

export interface ServerElsewhere {
  readonly url: string;
  /** Ends it without a word, as a power cut does. */
  kill(): Promise<void>;
}

/** `npm start -- --publish on`, as another machine would run it. */
export async function serverElsewhere(): Promise<ServerElsewhere> {
  const folder = await temporaryFolder();
  const clip = await writeClip(join(folder, 'own.mp4'), { seconds: 2 });
  const child = spawn(process.execPath, ['--import', 'tsx', join(import.meta.dirname, '../../signaling-server/main.ts'), '--json', '--port', '0', '--publish', 'on', '--data', join(folder, 'data'), '--vod', `Its own=${clip}`], { stdio: ['ignore', 'pipe', 'inherit'] });
  const closed = once(child, 'close');
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL');
    await closed;
  };
  onTestFinished(kill);
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  return { url: (JSON.parse(line) as { url: string }).url, kill };
}
