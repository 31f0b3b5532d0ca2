/** `tributary host <film> --server …`: packages here, then uploads; the server elsewhere has it from then on. */
import { mkdir } from 'node:fs/promises';
import { ChannelKey } from '#ingest/node/channel-key';
import { findFfmpeg } from '#ingest/node/ffmpeg';
import { IngestError } from '#ingest/ingest-error';
import { paths } from '#protocol/paths';
import { PRESENCE_BEAT_MS } from '#protocol/publishing';
import type { PublishClient } from '#publishing/publish-client';
import { PublishFailure } from '#publishing/publish-error';
import { Hosting } from '#server/hosting';
import type { ChannelSpec } from '#server/options';
import { clock } from '#server/process-world';
import type { ServedChannel } from '#server/seeder/served-channel';
import { Store } from '#server/store/store';
import type { VodChannel } from '#server/vod-channel';
import { publishClient } from './channel-publisher.ts';
import type { Hosted } from './hosted.ts';
import type { HostOptions } from './host-options.ts';
import type { HostScreen } from './host-screen.ts';

/** @throws IngestError where nobody answers. */
export async function requireServer(serverUrl: string): Promise<void> {
  const answer = await fetch(`${serverUrl}/healthz`, { signal: AbortSignal.timeout(10_000) }).catch(() => undefined);
  if (!answer?.ok) throw new IngestError('unreachable', `The server ${serverUrl} cannot be reached${answer ? ` (status ${answer.status})` : ''}: check --server.`);
}

/** @throws what stands in the way, with one sentence. */
export async function hostRemote(options: HostOptions, spec: ChannelSpec & { readonly seed: Uint8Array }, screen: HostScreen): Promise<Hosted> {
  const { dataFolder } = options.server;
  const serverUrl = options.publishOn!;
  await mkdir(dataFolder, { recursive: true });
  const store = new Store(dataFolder);
  const client = publishClient({ serverUrl, seed: spec.seed, ...clock });
  const upload = { bytes: 0, viewers: 0 };
  const closing = new AbortController();
  let stopBeat: () => void = () => undefined;
  try {
    const hosting = new Hosting({
      store, dataFolder, clock, onHead: () => undefined, onFault: () => undefined, onProgress: (title, ratio) => screen.progress(title, ratio / 2),
    });
    await hosting.prepare();
    const channel = await hosting.host(spec);
    if (channel.kind === 'live') throw new RangeError('television is not uploaded');
    await describe(client, channel, options);
    await uploadMissing(client, channel, (bytes, ratio) => {
      upload.bytes += bytes;
      screen.progress(options.title, 0.5 + ratio / 2);
    });
    void addThumbnails(client, channel, options, closing.signal);
  } finally {
    store.close();
  }
  const beat = (): void => {
    stopBeat = clock.after(PRESENCE_BEAT_MS, beat);
    client.tellPresence({ state: 'on', peer: null }).then((viewers) => (upload.viewers = viewers), () => undefined);
  };
  beat();
  const { id } = new ChannelKey(spec.seed);
  screen.report({ event: 'channel', id, title: options.title, kind: 'vod', url: serverUrl + paths.watch(id) });
  return {
    figures: () => ({ viewers: upload.viewers, bytesOut: upload.bytes, offloadRatio: null }),
    async close() {
      stopBeat();
      closing.abort();
      await client.tellPresence({ state: 'away', peer: null }).catch((error: unknown) => {
        if (!(error instanceof PublishFailure)) throw error;
      });
      client.close();
    },
  };
}

/** What the channel says of itself, and the pictures it names. */
async function describe(client: PublishClient, channel: VodChannel, { isListed }: HostOptions): Promise<void> {
  await client.describe(channel.signedDescription, { floor: 'server', isListed });
  const { poster, thumbnails } = channel.description;
  for (const named of [poster, thumbnails?.sheet]) {
    const bytes = named && (await channel.picture(named.hash));
    if (bytes) await client.putPicture(named.hash, bytes);
  }
}

/** Pictures for the seek bar are worth no failure: a film without them is as good. */
async function addThumbnails(client: PublishClient, channel: VodChannel, options: HostOptions, signal: AbortSignal): Promise<void> {
  const ffmpeg = findFfmpeg();
  if (ffmpeg === undefined) return;
  try {
    await channel.addThumbnails(ffmpeg, signal);
    if (channel.description.thumbnails && !signal.aborted) await describe(client, channel, options);
  } catch (error) {
    if (!(error instanceof PublishFailure) && !(error instanceof IngestError)) throw error;
  }
}

/** What the server lacks, and nothing twice: an upload that broke off goes on where it was. */
async function uploadMissing(client: PublishClient, channel: ServedChannel, onSent: (bytes: number, ratio: number) => void): Promise<void> {
  const state = await client.state();
  const jobs: { stream: number; index: number }[] = [];
  for (const { id, durationsUs } of channel.description.streams) {
    const known = state?.streams.find(({ stream }) => stream === id);
    const next = known?.nextEntry ?? 0;
    const entries = durationsUs.slice(next).map((_, at) => channel.entry(id, next + at)!);
    if (entries.length > 0) await client.addEntries(id, entries);
    for (const [first, count] of known?.missing ?? []) for (let index = first; index < first + count; index++) jobs.push({ stream: id, index });
    for (let index = next; index < durationsUs.length; index++) jobs.push({ stream: id, index });
  }
  for (const [at, { stream, index }] of jobs.entries()) {
    const bytes = (await channel.readChunk(stream, index))!;
    await client.putChunk(stream, index, bytes);
    onSent(bytes.length, (at + 1) / jobs.length);
  }
}
