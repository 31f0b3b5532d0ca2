/** `tributary host --live rtmp`: what OBS or ffmpeg sends becomes a live channel, here or on a server elsewhere. */
import { networkInterfaces } from 'node:os';
import { ChannelKey } from '#ingest/node/channel-key';
import { requireFfmpeg } from '#ingest/node/ffmpeg';
import type { PictureFile } from '#ingest/node/read-picture';
import { RtmpListener, rtmpServer } from '#ingest/node/rtmp-listener';
import { sha256 } from '#ingest/node/sha256';
import { idToText, ID_BYTES } from '#protocol/ids';
import { paths } from '#protocol/paths';
import { utf8 } from '#protocol/utf8';
import { clock } from '#server/process-world';
import { publishClient } from './channel-publisher.ts';
import type { Hosted } from './hosted.ts';
import type { HostOptions, HostSource } from './host-options.ts';
import type { HostScreen } from './host-screen.ts';
import { LivePublisher } from './live-publisher.ts';
import { serveHere } from './serve-here.ts';

/** The same for a channel for ever, and nothing that its link tells: who has the key file has it too. */
function streamKeyOf(seed: Uint8Array): string {
  const domain = utf8('tributary stream key 1\n');
  const input = new Uint8Array(domain.length + seed.length);
  input.set(domain);
  input.set(seed, domain.length);
  return idToText(sha256(input).subarray(0, ID_BYTES));
}

export interface RtmpJob {
  readonly options: HostOptions;
  readonly source: Extract<HostSource, { from: 'rtmp' }>;
  /** Private key of the channel. */
  readonly seed: Uint8Array;
  readonly poster: PictureFile | undefined;
}

/** @throws what stands in the way, with one sentence. */
export async function hostRtmp({ options, source, seed, poster }: RtmpJob, screen: HostScreen): Promise<Hosted> {
  const ffmpeg = requireFfmpeg('--live rtmp');
  const key = new ChannelKey(seed);
  const own = options.publishOn === undefined ? await serveHere({ ...options.server, isPublishing: true, publishOnly: key.id }, undefined, screen) : undefined;
  const serverUrl = options.publishOn ?? own!.server.url;
  const onTrouble = (message: string): void => screen.report({ event: 'warning', message });
  const publisher = await LivePublisher.resume({
    client: publishClient({ serverUrl, seed, ...clock }), serverUrl, key, title: options.title, isListed: options.isListed, targetUs: options.chunkUs, poster, ...clock,
    onState: (state) => screen.source(state), onTrouble,
  });
  const { address } = options.server;
  const listener = new RtmpListener({ ffmpeg, place: { address, port: source.port, streamKey: streamKeyOf(seed) }, ...clock, onConnected: () => publisher.connect(), onTrouble });
  try {
    await listener.start();
  } catch (error) {
    await own?.server.close();
    throw error;
  }
  screen.report({ event: 'channel', id: key.id, title: options.title, kind: 'live', url: serverUrl + paths.watch(key.id) });
  screen.sendTo(rtmpServer({ address: reachable(address), port: source.port, streamKey: '' }), streamKeyOf(seed));
  return {
    figures: () => own?.server.figures(key.id) ?? { viewers: publisher.viewers, bytesOut: publisher.bytes, offloadRatio: null },
    async close() {
      await listener.close();
      await publisher.close();
      await own?.server.close();
    },
  };
}

/** An address that can be typed elsewhere: "all of mine" is none. */
function reachable(address: string): string {
  if (address !== '0.0.0.0' && address !== '::') return address;
  const own = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return own.find((one) => one.family === 'IPv4' && !one.internal)?.address ?? '127.0.0.1';
}
