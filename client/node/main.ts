/**
 * `npm run peer -- <watch URL>`: joins a channel as one or more peers without a screen, downloads at the pace of a
 * playhead, shares, and tells once a second how it goes. The composition root of client/node.
 */
import { openChannel } from '#browser/open-channel';
import { HeadlessPeer } from './headless-peer.ts';
import { NodeHasher } from './node-hasher.ts';
import { ProcessGate } from './opening-gate.ts';
import { readOptions, USAGE, UsageError, type PeerOptions } from './peer-options.ts';
import { statusLine, statusObject } from './status-line.ts';

/** Time for goodbyes to leave the process. */
const FAREWELL_MS = 300;

const print = (line: string): void => void process.stdout.write(`${line}\n`);

function fail(sentence: string): never {
  process.stderr.write(`${sentence}\n`);
  process.exit(1);
}

/** Runs until everything is watched (with --leave-at-end), the time is up, or a signal asks to leave. */
async function run(options: PeerOptions): Promise<void> {
  const { serverUrl, channel, count, mode, role, isJson, uploadCapBytesPerSecond } = options;
  const opened = await openChannel({ channel, serverUrl, hasher: new NodeHasher() });
  if (!opened.ok) fail(opened.sentence);
  const { description } = opened;
  if (isJson) print(JSON.stringify({ event: 'open', channel, title: description.title, kind: description.kind, peers: count }));
  else print(`${description.title} (${description.kind === 'live' ? 'live' : 'on demand'}), ${count} ${count === 1 ? 'peer' : 'peers'}. Ctrl-C leaves.`);
  const gate = new ProcessGate();
  let ended = 0;
  let leave: () => void = () => undefined;
  const left = new Promise<void>((resolve) => (leave = resolve));
  const onEnded = (): void => {
    if (++ended === count && options.leavesAtEnd) leave();
  };
  const peers = Array.from({ length: count }, () => {
    return new HeadlessPeer({ serverUrl, channel, description, mode, role, uploadCapBytesPerSecond, gate, onEnded });
  });
  const tell = (): void => {
    for (const peer of peers) {
      const { viewer, playback } = peer.snapshot();
      print(isJson ? JSON.stringify(statusObject(peer.id, viewer, playback)) : statusLine(peer.id, viewer, playback));
    }
  };
  const timer = setInterval(tell, 1000);
  if (options.durationMs !== null) setTimeout(leave, options.durationMs);
  process.once('SIGINT', leave);
  process.once('SIGTERM', leave);
  await left;
  clearInterval(timer);
  tell();
  for (const peer of peers) peer.close();
  // Native threads of closed connections would keep the process for seconds more.
  setTimeout(() => process.exit(0), FAREWELL_MS);
}

try {
  const options = readOptions(process.argv.slice(2));
  if (options === 'help') print(USAGE);
  else await run(options);
} catch (cause) {
  if (cause instanceof UsageError) fail(cause.message);
  throw cause;
}
