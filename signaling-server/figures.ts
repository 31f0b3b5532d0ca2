/** The text of /metrics: the figures of all parts under the names of the catalogue, and the process's own. */
import type { Sample } from './seeder/exposition.ts';
import { writeExposition } from './seeder/exposition.ts';
import type { ServedChannel } from './seeder/served-channel.ts';
import type { Traffic } from './seeder/traffic.ts';
import type { TrackerSockets } from './sockets/tracker-sockets.ts';
import type { Tracker } from './tracker/tracker.ts';

export interface FigureSources {
  readonly channels: readonly ServedChannel[];
  readonly traffic: Traffic;
  readonly tracker: Tracker;
  readonly sockets: TrackerSockets;
}

export function writeFigures(sources: FigureSources): string {
  const { channels, sockets } = sources;
  const samples: Sample[] = [
    ...(['vod', 'live'] as const).map((kind): Sample => ({
      name: 'tributary_channels',
      labels: { kind },
      value: channels.filter((channel) => channel.kind === kind).length,
    })),
    ...channels.flatMap((channel) => channelSamples(channel, sources)),
    { name: 'tributary_signals_total', value: sockets.signals },
    ...Object.entries(sockets.refused).map(([reason, value]): Sample => ({ name: 'tributary_refused_events_total', labels: { reason }, value })),
  ];
  return writeExposition(samples) + processFigures(sockets.connections);
}

function channelSamples(channel: ServedChannel, { traffic, tracker, sockets }: FigureSources): Sample[] {
  const labels = { channel: channel.id };
  const totals = tracker.totals(channel.id);
  const offload = tracker.offloadRatio(channel.id);
  const samples: Sample[] = [
    { name: 'tributary_viewers', labels, value: tracker.viewers(channel.id) },
    { name: 'tributary_joins_total', labels, value: sockets.joins(channel.id) },
  ];
  const served = new Map(traffic.media(channel.id).map((one) => [one.stream, one]));
  for (const { id } of channel.description.streams) {
    const own = { ...labels, stream: String(id) };
    samples.push({ name: 'tributary_seeder_media_bytes_total', labels: own, value: served.get(id)?.bytes ?? 0 });
    samples.push({ name: 'tributary_seeder_requests_total', labels: own, value: served.get(id)?.requests ?? 0 });
  }
  for (const [kind, value] of Object.entries(traffic.other(channel.id))) {
    samples.push({ name: 'tributary_seeder_other_bytes_total', labels: { ...labels, kind }, value });
  }
  if (totals) {
    samples.push(
      { name: 'tributary_peer_bytes_total', labels, value: totals.bytesFromPeers },
      { name: 'tributary_host_bytes_total', labels, value: totals.bytesFromHost },
      { name: 'tributary_origin_bytes_total', labels, value: totals.bytesFromSeeder },
      { name: 'tributary_control_bytes_total', labels, value: totals.controlBytes },
      { name: 'tributary_stalls_total', labels, value: totals.stalls },
      { name: 'tributary_stalled_seconds_total', labels, value: totals.stalledMs / 1000 },
      { name: 'tributary_watched_seconds_total', labels, value: totals.watchedMs / 1000 },
    );
  }
  if (offload !== null) samples.push({ name: 'tributary_offload_ratio', labels, value: offload });
  return samples;
}

/** Under the names Prometheus's own client libraries use for a process; they are nobody's catalogue but its own. */
function processFigures(connections: number): string {
  const memory = process.memoryUsage();
  const gauges: readonly (readonly [string, string, number])[] = [
    ['process_resident_memory_bytes', 'resident memory', memory.rss],
    ['nodejs_heap_size_used_bytes', 'memory of JavaScript objects', memory.heapUsed],
    ['nodejs_external_memory_bytes', 'memory of buffers', memory.external],
    ['process_uptime_seconds', 'time since the start', Math.round(process.uptime())],
    ['tributary_tracker_sockets', 'sockets open to the tracker', connections],
  ];
  return gauges.map(([name, help, value]) => `# HELP ${name} ${help}\n# TYPE ${name} gauge\n${name} ${value}\n`).join('');
}
