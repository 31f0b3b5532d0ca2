// `npm start`: builds the client when there is no build or a source is newer than it, then becomes the server. The
// server runs in this very process, so its arguments, signals, exit code and standard output are its own.
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildClientIfStale } from './client-build.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const SERVER = 'signaling-server/main.ts';

await buildClientIfStale();
process.argv[1] = path.join(ROOT, SERVER);
await import(`../${SERVER}`);
