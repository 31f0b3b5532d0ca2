/** The server's composition root: arguments in, events out, real time and chance, signals, exit codes. */
import { fileURLToPath } from 'node:url';
import { parseOptions, USAGE, type Options } from './options.ts';
import { clock, closeOnSignal, fail } from './process-world.ts';
import { reportJson, reportText } from './report.ts';
import { startServer, type RunningServer } from './server.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

async function run(options: Options): Promise<void> {
  // Who reads the events may go away (`| head -1`); the server goes on.
  process.stdout.on('error', () => undefined);
  const write = (text: string): void => void process.stdout.write(text);
  const report = options.isJson ? reportJson(write) : reportText(write);
  const running: { server: RunningServer | undefined } = { server: undefined };
  closeOnSignal(running, () => report({ event: 'closing' }));
  running.server = await startServer(options, { clock, random: { next: () => Math.random() }, report });
  await running.server.ready;
}

try {
  const options = parseOptions(process.argv.slice(2), ROOT);
  if (options === 'help') console.log(USAGE);
  else await run(options);
} catch (error) {
  fail(error);
}
