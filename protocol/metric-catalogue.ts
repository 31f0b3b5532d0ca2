/**
 * Names under which the server exports its figures on /metrics (Prometheus text format), each with unit and meaning, in
 * one place for the exporter, its tests and the reference page. A name says its unit last and ends in `_total` when it
 * only grows; counters start at 0 with the process.
 */

interface Metric {
  readonly type: 'counter' | 'gauge';
  readonly unit: 'bytes' | 'peers' | 'seconds' | 'ratio' | 'events' | 'channels' | 'requests';
  readonly help: string;
  readonly labels: readonly string[];
}

const define = <T extends Record<string, Metric>>(table: T): T => table;

export const METRICS = define({
  tributary_seeder_media_bytes_total: { type: 'counter', unit: 'bytes', labels: ['channel', 'stream'], help: 'chunk bytes the seeder sent; over one copy of what was watched these are the origin copies' },
  tributary_seeder_other_bytes_total: { type: 'counter', unit: 'bytes', labels: ['channel', 'kind'], help: 'what else the seeder sent of a channel: description, log, playlists, media headers' },
  tributary_seeder_requests_total: { type: 'counter', unit: 'requests', labels: ['channel', 'stream'], help: 'chunk requests the seeder answered, ranges included' },
  tributary_channels: { type: 'gauge', unit: 'channels', labels: ['kind'], help: 'channels offered now, live and vod' },
  tributary_viewers: { type: 'gauge', unit: 'peers', labels: ['channel'], help: 'members of the swarm now, without the host\'s own peer' },
  tributary_peer_bytes_total: { type: 'counter', unit: 'bytes', labels: ['channel'], help: 'verified media bytes viewers took from each other, as they reported' },
  tributary_host_bytes_total: { type: 'counter', unit: 'bytes', labels: ['channel'], help: 'media bytes that hosts\' own peers sent to viewers, as they reported' },
  tributary_origin_bytes_total: { type: 'counter', unit: 'bytes', labels: ['channel'], help: 'verified media bytes viewers took from the seeder, as they reported' },
  tributary_control_bytes_total: { type: 'counter', unit: 'bytes', labels: ['channel'], help: 'bytes on peer links that are not media, as viewers reported' },
  tributary_offload_ratio: { type: 'gauge', unit: 'ratio', labels: ['channel'], help: 'share of verified media bytes that viewers took from each other, from the reported totals' },
  tributary_stalls_total: { type: 'counter', unit: 'events', labels: ['channel'], help: 'times playback stood still after the first frame, as viewers reported' },
  tributary_stalled_seconds_total: { type: 'counter', unit: 'seconds', labels: ['channel'], help: 'time playback stood still, as viewers reported' },
  tributary_watched_seconds_total: { type: 'counter', unit: 'seconds', labels: ['channel'], help: 'media time shown, as viewers reported' },
  tributary_joins_total: { type: 'counter', unit: 'events', labels: ['channel'], help: 'joins the tracker accepted' },
  tributary_signals_total: { type: 'counter', unit: 'events', labels: [], help: 'signals forwarded between members' },
  tributary_refused_events_total: { type: 'counter', unit: 'events', labels: ['reason'], help: 'tracker events dropped: invalid, too fast, not a member (SPEC T-1 to T-4)' },
});

export type MetricName = keyof typeof METRICS;

/** A `# HELP` and `# TYPE` header as the text format wants it, newline at the end. */
export function metricHeader(name: MetricName): string {
  const { type, help } = METRICS[name];
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`;
}
