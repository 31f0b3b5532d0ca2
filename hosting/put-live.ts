/**
 * Puts a live source on the air, whatever it is: its chunks go through a publisher to a server, one of this process's
 * own or one elsewhere. An own server is a peer as well.
 */
import { ChannelKey } from '#ingest/node/channel-key';
import type { PictureFile } from '#ingest/node/read-picture';
import { paths } from '#protocol/paths';
import { clock } from '#server/process-world';
import { publishClient } from './channel-publisher.ts';
import type { Hosted } from './hosted.ts';
import type { HostOptions } from './host-options.ts';
import type { HostScreen } from './host-screen.ts';
import { LivePublisher } from './live-publisher.ts';
import { offerToPeers, withOffer, type PeerOffer } from './offer-to-peers.ts';
import { serveHere } from './serve-here.ts';

export interface LiveJob {
  readonly options: HostOptions;
  /** Private key of the channel. */
  readonly seed: Uint8Array;
  readonly poster: PictureFile | undefined;
}

/** Something that feeds a publisher until it is closed. */
export interface Feed {
  /** Resolves when it is there: with something to watch, or waiting for somebody who sends. */
  start(): Promise<void>;
  close(): void | Promise<void>;
}

/** @throws what stands in the way, with one sentence. */
export async function putLive({ options, seed, poster }: LiveJob, screen: HostScreen, feedOf: (publisher: LivePublisher) => Feed): Promise<Hosted> {
  const key = new ChannelKey(seed);
  const own = options.publishOn === undefined ? await serveHere({ ...options.server, isPublishing: true, publishOnly: key.id }, undefined, screen) : undefined;
  const serverUrl = options.publishOn ?? own!.server.url;
  const { title, isListed, chunkUs: targetUs } = options;
  const onTrouble = (message: string): void => screen.report({ event: 'warning', message });
  let [offer, isClosed]: [PeerOffer | undefined, boolean] = [undefined, false];
  const startPeer = own && (async () => {
    offer = await offerToPeers(own.server, key.id, onTrouble);
    if (isClosed) offer?.close();
    return offer?.peer ?? null;
  });
  const close = async (): Promise<void> => {
    isClosed = true;
    offer?.close();
    await own?.server.close();
  };
  try {
    const publisher = await LivePublisher.resume({
      client: publishClient({ serverUrl, seed, ...clock }), serverUrl, key, title, isListed, targetUs, poster, startPeer, ...clock,
      onState: (state) => screen.source(state), onTrouble,
    });
    const feed = feedOf(publisher);
    await feed.start();
    screen.report({ event: 'channel', id: key.id, title, kind: 'live', url: serverUrl + paths.watch(key.id) });
    return {
      figures: () => (own ? withOffer(own.server.figures(key.id), offer) : { viewers: publisher.viewers, bytesOut: publisher.bytes, offloadRatio: null }),
      async close() {
        await feed.close();
        await publisher.close();
        await close();
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}
