/** `tributary host --live rtmp`: what OBS or ffmpeg sends becomes a live channel, here or on a server elsewhere. */
import { networkInterfaces } from 'node:os';
import { requireFfmpeg } from '#ingest/node/ffmpeg';
import { RtmpListener, rtmpServer } from '#ingest/node/rtmp-listener';
import { sha256 } from '#ingest/node/sha256';
import { idToText, ID_BYTES } from '#protocol/ids';
import { utf8 } from '#protocol/utf8';
import { clock } from '#server/process-world';
import type { Hosted } from './hosted.ts';
import type { HostSource } from './host-options.ts';
import type { HostScreen } from './host-screen.ts';
import { putLive, type LiveJob } from './put-live.ts';
import { rtmpConnection } from './rtmp-connection.ts';

/** The same for a channel for ever, and nothing that its link tells: who has the key file has it too. */
function streamKeyOf(seed: Uint8Array): string {
  const domain = utf8('tributary stream key 1\n');
  const input = new Uint8Array(domain.length + seed.length);
  input.set(domain);
  input.set(seed, domain.length);
  return idToText(sha256(input).subarray(0, ID_BYTES));
}

export interface RtmpJob extends LiveJob {
  readonly source: Extract<HostSource, { from: 'rtmp' }>;
}

/** @throws what stands in the way, with one sentence. */
export async function hostRtmp({ source, ...job }: RtmpJob, screen: HostScreen): Promise<Hosted> {
  const ffmpeg = requireFfmpeg('--live rtmp');
  const { address } = job.options.server;
  const place = { address, port: source.port, streamKey: streamKeyOf(job.seed) };
  const hosted = await putLive(job, screen, (publisher) => new RtmpListener({
    ffmpeg, place, ...clock, onConnected: () => rtmpConnection(publisher), onTrouble: (message) => screen.report({ event: 'warning', message }),
  }));
  screen.sendTo(rtmpServer({ ...place, address: reachable(address) }), place.streamKey);
  return hosted;
}

/** An address that can be typed elsewhere: "all of mine" is none. */
function reachable(address: string): string {
  if (address !== '0.0.0.0' && address !== '::') return address;
  const own = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return own.find((one) => one.family === 'IPv4' && !one.internal)?.address ?? '127.0.0.1';
}
