/**
 * The timeline: one bar a chunk, filled from below by what peers sent and from above by what the seeder sent, so that a
 * chunk of both shows both. Colour, place and pattern say the same; the legend counts, and is the text of the picture.
 */
import type { ViewerSnapshot } from '#engine/viewer-snapshot';
import { formatClock } from '../format/durations.ts';
import { countOf } from '../format/shares.ts';
import './timeline.css';
import { modelTimeline, type ChunkSource, type Timeline, type TimelineCell } from './timeline-model.ts';

const LEGEND: readonly { readonly source: ChunkSource; readonly name: string }[] = [
  { source: 'peers', name: 'Peers' },
  { source: 'seeder', name: 'Seeder' },
  { source: 'mixed', name: 'Both' },
  { source: 'missing', name: 'Not here yet' },
  { source: 'dropped', name: 'Played and dropped' },
];

const percent = (fraction: number): string => `${(fraction * 100).toFixed(3)}%`;

function Cell({ cell }: { readonly cell: TimelineCell }) {
  return (
    <span
      className="timeline__cell" data-source={cell.source} title={`Chunk ${cell.index}`}
      style={{ left: percent(cell.start), width: percent(cell.width) }}
    >
      <span className="timeline__peers" style={{ height: percent(cell.fromPeers) }} />
      <span className="timeline__seeder" style={{ height: percent(cell.fromSeeder) }} />
    </span>
  );
}

const describe = ({ counts }: Timeline): string =>
  `Timeline of chunks by source. ${LEGEND.filter(({ source }) => counts[source] > 0)
    .map(({ source, name }) => `${name}: ${countOf(counts[source], 'chunk')}`)
    .join(', ')}.`;

export function ChunkTimeline({ snapshot }: { readonly snapshot: ViewerSnapshot }) {
  const timeline = modelTimeline(snapshot.timeline, snapshot.playheadUs);
  if (timeline === null) return <p className="stats__nothing">No chunk is known yet.</p>;
  return (
    <figure className="timeline" data-testid="timeline">
      <div className="timeline__picture" role="img" aria-label={describe(timeline)}>
        {timeline.rows.map((row) => (
          <div key={row.stream} className="timeline__row">
            {row.cells.map((cell) => <Cell key={cell.index} cell={cell} />)}
          </div>
        ))}
        {timeline.playhead !== null && <span className="timeline__playhead" style={{ left: percent(timeline.playhead) }} />}
      </div>
      <p className="timeline__scale tabular" aria-hidden="true">
        <span>{formatClock(timeline.startUs / 1e6)}</span>
        <span>{formatClock(timeline.endUs / 1e6)}</span>
      </p>
      <figcaption>
        <ul className="legend tabular">
          {LEGEND.map(({ source, name }) => (
            <li key={source}><span className="legend__swatch" data-source={source} aria-hidden="true" />{name} {timeline.counts[source]}</li>
          ))}
          <li><span className="legend__swatch legend__swatch--playhead" aria-hidden="true" />Playing now</li>
        </ul>
      </figcaption>
    </figure>
  );
}
