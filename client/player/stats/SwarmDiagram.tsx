/** The picture of the swarm. Its figures are all in the table of peers; here one sees at a glance who feeds whom. */
import type { ViewerSnapshot } from '#engine/viewer-snapshot';
import { countOf } from '../format/shares.ts';
import { shortPeerId } from '../format/peer-ids.ts';
import { seederRate } from './rates.ts';
import './swarm.css';
import { drawSwarm, PICTURE_HEIGHT, PICTURE_WIDTH, type SwarmNode } from './swarm-geometry.ts';

/** Past this many, labels would run into each other. */
const MAX_LABELLED = 12;

function Link({ node, you }: { readonly node: SwarmNode; readonly you: { readonly x: number; readonly y: number } }) {
  // The two directions side by side: what arrives on one side of the axis, what leaves on the other.
  const length = Math.hypot(node.x - you.x, node.y - you.y) || 1;
  const side = (offset: number) => ({
    x1: you.x + (-(node.y - you.y) / length) * offset,
    y1: you.y + ((node.x - you.x) / length) * offset,
    x2: node.x + (-(node.y - you.y) / length) * offset,
    y2: node.y + ((node.x - you.x) / length) * offset,
  });
  const apart = (node.downWidth + node.upWidth) / 4 + 0.75;
  return (
    <g>
      <line className="swarm__idle" x1={you.x} y1={you.y} x2={node.x} y2={node.y} />
      {node.downWidth > 0 && <line className="swarm__down" strokeWidth={node.downWidth} {...side(node.upWidth > 0 ? apart : 0)} />}
      {node.upWidth > 0 && <line className="swarm__up" strokeWidth={node.upWidth} {...side(node.downWidth > 0 ? -apart : 0)} />}
    </g>
  );
}

export function SwarmDiagram({ snapshot }: { readonly snapshot: ViewerSnapshot }) {
  const { you, seeder, nodes } = drawSwarm({ neighbours: snapshot.neighbours, seederBytesPerSecond: seederRate(snapshot) });
  const label =
    `The swarm: you in the middle, the seeder above, ${countOf(nodes.length, 'neighbour')} around you. ` +
    'The table of peers holds the figures.';
  return (
    <figure className="swarm">
      <svg viewBox={`0 0 ${PICTURE_WIDTH} ${PICTURE_HEIGHT}`} role="img" aria-label={label}>
        <line className="swarm__idle" x1={you.x} y1={you.y} x2={seeder.x} y2={seeder.y} />
        {seeder.width > 0 && <line className="swarm__from-seeder" strokeWidth={seeder.width} x1={you.x} y1={you.y} x2={seeder.x} y2={seeder.y} />}
        {nodes.map((node) => <Link key={node.peer} node={node} you={you} />)}
        <rect className="swarm__seeder" x={seeder.x - 10} y={seeder.y - 10} width="20" height="20" rx="3" />
        <text className="swarm__label" x={seeder.x + 17} y={seeder.y + 5}>seeder</text>
        {nodes.map((node) => (
          <g key={node.peer}>
            <circle className="swarm__peer" data-active={node.isActive} cx={node.x} cy={node.y} r="9" />
            {nodes.length <= MAX_LABELLED && (
              <text className="swarm__label" x={node.x} y={node.y + 23} textAnchor="middle">{shortPeerId(node.peer)}</text>
            )}
          </g>
        ))}
        <circle className="swarm__you" cx={you.x} cy={you.y} r="17" />
        <text className="swarm__you-label" x={you.x} y={you.y + 4} textAnchor="middle">you</text>
      </svg>
      <figcaption>
        <ul className="legend">
          <li><span className="legend__line" data-line="down" aria-hidden="true" />To you</li>
          <li><span className="legend__line" data-line="up" aria-hidden="true" />From you</li>
          <li><span className="legend__line" data-line="seeder" aria-hidden="true" />From the seeder</li>
          <li>A wider line carries more.</li>
        </ul>
      </figcaption>
    </figure>
  );
}
