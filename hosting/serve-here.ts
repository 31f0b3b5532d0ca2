/** Hosts a channel with a server of its own in this very process. */
import type { ChannelId } from '#protocol/ids';
import { clock } from '#server/process-world';
import type { ChannelSpec, Options } from '#server/options';
import type { Report } from '#server/report';
import { startServer, type RunningServer } from '#server/server';
import type { HostScreen } from './host-screen.ts';

export interface OwnServer {
  readonly server: RunningServer;
  /** The channel that was hosted first; undefined where the server was started without one. */
  readonly channel: ChannelId | undefined;
}

/** @throws what startServer throws. */
export async function serveHere(options: Options, spec: ChannelSpec | undefined, screen: HostScreen): Promise<OwnServer> {
  let channel: ChannelId | undefined;
  const report: Report = (event) => {
    if (event.event === 'channel') channel = event.id;
    screen.report(event);
  };
  const server = await startServer({ ...options, channels: spec ? [spec] : [] }, {
    clock, random: { next: () => Math.random() }, report, onProgress: (title, ratio) => screen.progress(title, ratio),
  });
  await server.ready;
  return { server, get channel() { return channel; } };
}
