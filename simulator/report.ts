/**
 * A run as one HTML page that needs nothing else: what the table says, and how it came about over time.
 */
import { escapeHtml, heatMap, histogram, lineChart, rankedBars } from './charts.ts';
import type { Second } from './measures.ts';
import type { Health, Run } from './run.ts';
import { tableOf } from './table.ts';

/** Chunks that share one row of the heat map, at most this many rows. */
const MOST_ROWS = 60;
/** Seconds over which shares are averaged. */
const SMOOTH_SECONDS = 5;

const STYLE = `:root{color-scheme:light dark;--first:#1f6fb2;--second:#c2571a;--third:#4a8f3c}
@media(prefers-color-scheme:dark){:root{--first:#6db3f2;--second:#f2a26d;--third:#8fd17f}}
body{font:15px/1.5 system-ui,sans-serif;max-width:1400px;margin:2rem auto;padding:0 1rem}
main{display:grid;grid-template-columns:repeat(auto-fit,minmax(22rem,1fr));gap:1.5rem}
figure{margin:0}figcaption{font-weight:600}svg{width:100%;height:auto}
svg text{font-size:11px;fill:currentColor}.axis,.line{fill:none}.axis{stroke:currentColor;opacity:.4}.line{stroke-width:1.6}.bar{fill:var(--first)}
pre{overflow-x:auto}`;

/** Ratio of two sums over the last seconds, second by second. */
function share(series: readonly Second[], part: (one: Second) => number, whole: (one: Second) => number): [number, number | null][] {
  return series.map(({ second }, at) => {
    const last = series.slice(Math.max(0, at - SMOOTH_SECONDS + 1), at + 1);
    const total = last.reduce((sum, one) => sum + whole(one), 0);
    return [second, total > 0 ? last.reduce((sum, one) => sum + part(one), 0) / total : null];
  });
}

/** Bytes the seeder has sent by then over one copy of what was watched by then, as far as it was watched in the end. */
function copiesOverTime(series: readonly Second[], { result }: Run): [number, number | null][] {
  let sent = 0;
  let media = 0;
  const all = series.reduce((sum, one) => sum + one.peerBytes + one.originBytes, 0);
  return series.map((one) => {
    sent += one.originBytes;
    media += one.peerBytes + one.originBytes;
    return [one.second, media > 0 && all > 0 ? sent / ((result.copyBytes * media) / all) : null];
  });
}

/** Copies per chunk as shares of the viewers then, chunks gathered into rows. */
function healthColumns(health: readonly Health[], series: readonly Second[]): { columns: number[][]; rows: number } {
  const longest = Math.max(0, ...health.map(({ copies }) => copies.length));
  const perRow = Math.max(1, Math.ceil(longest / MOST_ROWS));
  const columns = health.map(({ second, copies }) => {
    const viewers = Math.max(1, series[second - 1]?.viewers ?? 1);
    const column: number[] = [];
    for (let from = 0; from < copies.length; from += perRow) {
      const row = copies.slice(from, from + perRow);
      column.push(Math.min(1, row.reduce((sum, count) => sum + count, 0) / row.length / viewers));
    }
    return column;
  });
  return { columns, rows: Math.ceil(longest / perRow) };
}

export function reportOf(run: Run): string {
  const { result, series, health, parents, world } = run;
  const viewings = world.peers.map((peer) => peer.viewer.viewing);
  const media = (one: Second): number => one.peerBytes + one.originBytes;
  const { columns, rows } = healthColumns(health, series);
  const pictures = [
    lineChart('Share of bytes from peers', [{ name: 'offload', points: share(series, (one) => one.peerBytes, media) }], { x: ' s', y: '', yMax: 1 }),
    lineChart('Origin copies so far', [{ name: 'copies', points: copiesOverTime(series, run) }], { x: ' s', y: '' }),
    lineChart(
      'Bytes a second',
      [
        { name: 'peers, Mbit/s', points: series.map(({ second, peerBytes }) => [second, peerBytes * 8e-6]) },
        { name: 'seeder, Mbit/s', points: series.map(({ second, originBytes }) => [second, originBytes * 8e-6]) },
      ],
      { x: ' s', y: '' },
    ),
    lineChart(
      'Viewers',
      [
        { name: 'present', points: series.map(({ second, viewers }) => [second, viewers]) },
        { name: 'stalled', points: series.map(({ second, stalled }) => [second, stalled]) },
      ],
      { x: ' s', y: '' },
    ),
    lineChart('Control bytes for each media byte', [{ name: 'control', points: share(series, (one) => one.controlBytes, media) }], { x: ' s', y: '' }),
    lineChart(
      'Parents and children of a peer, in windows of 20 s',
      [
        // Each flow has two ends: on average there are as many children as parents.
        { name: 'parents, and children', points: parents.map((window) => [window.second, window.parents]) },
        { name: 'share that is new (S)', points: parents.map((window) => [window.second, window.s]) },
      ],
      { x: ' s', y: '' },
    ),
    histogram('From arrival to the first frame', viewings.flatMap(({ startupMs }) => (startupMs === null ? [] : [startupMs / 1000])), ' s'),
    histogram('Behind the source', viewings.flatMap(({ lagsMs }) => lagsMs).map((ms) => ms / 1000), ' s'),
    histogram('Chunks ready at their moment, share per viewer', viewings.flatMap(({ dueChunks, readyChunks }) => (dueChunks > 0 ? [readyChunks / dueChunks] : [])), ''),
    rankedBars('Upload of each peer, from the most to the least, MB', world.peers.map((peer) => peer.traffic.sentPayload / 1e6), ' MB'),
    heatMap('Who holds what: chunks of the channel or the live window, oldest at the bottom; full colour is everybody', columns, {
      xMin: health[0]?.second ?? 0,
      xMax: health.at(-1)?.second ?? 0,
      rows,
      xUnit: ' s',
    }),
  ];
  const title = `${result.scenario}, seed ${result.seed}`;
  return `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escapeHtml(title)}</title>
<style>${STYLE}</style><h1>${escapeHtml(title)}</h1><pre>${escapeHtml(tableOf(result, null))}</pre><main>${pictures.join('\n')}</main></html>
`;
}
