/** Runs the command line as a user would: a process of its own, its output line by line. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { onTestFinished } from 'vitest';

export interface Ended {
  readonly code: number | null;
  readonly err: string;
}

export interface Command {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** The next event of that kind; events of other kinds before it are passed over. Rejects when the process ends first. */
  next(event: string): Promise<Record<string, unknown>>;
  /** Ends it as Ctrl-C does. */
  interrupt(): Promise<Ended>;
}

/** `tributary host … --json` with a data folder and a free port, unless the arguments say otherwise. */
export function runHost(args: readonly string[], cwd: string): Command {
  const child = spawn(process.execPath, [join(import.meta.dirname, '../tributary.js'), 'host', ...args, '--json', '--no-build'], { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  let err = '';
  child.stderr.on('data', (data) => (err += String(data)));
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, err }));
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    child,
    ended,
    async next(event) {
      for (;;) {
        const { value, done } = (await lines.next()) as { value: string; done?: boolean };
        if (done) throw new Error(`The command ended before it said "${event}": ${(await ended).err}`);
        const said = JSON.parse(value) as Record<string, unknown>;
        if (said.event === event) return said;
      }
    },
    interrupt() {
      child.kill('SIGINT');
      return ended;
    },
  };
}
