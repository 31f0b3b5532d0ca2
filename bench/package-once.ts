/** Packages and signs one file, as hosting does, in a process of its own: prints its seconds and the most memory it had. */
import { ChannelKey, createSeed } from '#ingest/node/channel-key';
import { packageFile } from '#ingest/node/package-file';
import { signLog } from '#ingest/sign-log';

const [film, root] = process.argv.slice(2);
const beganMs = performance.now();
const { streams } = await packageFile(film!, 'once', { root: root! });
const key = new ChannelKey(createSeed());
for (const stream of streams) signLog(key, stream);
const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
console.log(JSON.stringify({ seconds: (performance.now() - beganMs) / 1000, cpuSeconds: (userCPUTime + systemCPUTime) / 1e6, maxMegabytes: maxRSS / 1000 }));
