/** "Stats for nerds": everything the engine knows about this viewer, as figures, pictures and a table. */
import { useViewer } from '../store/use-viewer.ts';
import { BytesBySource } from './BytesBySource.tsx';
import { ChunkTimeline } from './ChunkTimeline.tsx';
import { Figures } from './Figures.tsx';
import { PeersTable } from './PeersTable.tsx';
import './stats.css';
import { SwarmDiagram } from './SwarmDiagram.tsx';

export function StatsPanel() {
  const snapshot = useViewer((state) => state.engine);
  const playback = useViewer((state) => state.playback);
  const live = useViewer((state) => state.live);
  if (snapshot === null) return <p className="stats__nothing">The channel is still being opened.</p>;
  return (
    <div className="stats" data-testid="stats-panel">
      <section className="stats__part stats__part--wide" aria-label="Figures">
        <Figures snapshot={snapshot} playback={playback} live={live} />
      </section>
      <section className="stats__part stats__part--wide" aria-labelledby="timeline-title">
        <h2 id="timeline-title">Chunks by source</h2>
        <ChunkTimeline snapshot={snapshot} />
      </section>
      <section className="stats__part" aria-labelledby="swarm-title">
        <h2 id="swarm-title">Your part of the swarm</h2>
        <SwarmDiagram snapshot={snapshot} />
      </section>
      <section className="stats__part" aria-labelledby="bytes-title">
        <h2 id="bytes-title">Bytes by source</h2>
        <BytesBySource bytes={snapshot.bytes} />
      </section>
      <section className="stats__part stats__part--wide" aria-labelledby="peers-title">
        <h2 id="peers-title">Peers</h2>
        <PeersTable neighbours={snapshot.neighbours} />
      </section>
    </div>
  );
}
