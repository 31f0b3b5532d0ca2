/** Who is connected, what flows each way, and how far away they are. */
import type { NeighbourSnapshot } from '#engine/viewer-snapshot';
import { formatByteRate, formatBytes } from '../format/bytes.ts';
import { formatMilliseconds } from '../format/durations.ts';
import { shortPeerId } from '../format/peer-ids.ts';

/** What a row says about the state of a link, in a word or two. */
function stateOf({ state, isChokedByThem, isChokedByUs }: NeighbourSnapshot): string {
  if (state === 'greeting') return 'connecting';
  if (isChokedByThem && isChokedByUs) return 'idle';
  if (isChokedByThem) return 'takes only';
  return isChokedByUs ? 'gives only' : 'exchanging';
}

function Row({ neighbour }: { readonly neighbour: NeighbourSnapshot }) {
  return (
    <tr>
      <th scope="row"><code title={neighbour.peer}>{shortPeerId(neighbour.peer)}</code></th>
      <td>{formatByteRate(neighbour.downBytesPerSecond)}</td>
      <td>{formatByteRate(neighbour.upBytesPerSecond)}</td>
      <td>{neighbour.rttMs === null ? '–' : formatMilliseconds(neighbour.rttMs)}</td>
      <td>{formatBytes(neighbour.downBytes)}</td>
      <td>{formatBytes(neighbour.upBytes)}</td>
      <td>{stateOf(neighbour)}</td>
    </tr>
  );
}

export function PeersTable({ neighbours }: { readonly neighbours: readonly NeighbourSnapshot[] }) {
  if (neighbours.length === 0) return <p className="stats__nothing" data-testid="no-peers">No viewer is connected to you now.</p>;
  const sorted = [...neighbours].sort((one, other) => (one.peer < other.peer ? -1 : 1));
  return (
    <div className="stats__scroll" tabIndex={0} role="group" aria-label="Table of peers, scrolls sideways">
      <table className="peers tabular" data-testid="peers-table" aria-labelledby="peers-title">
        <thead>
          <tr>
            <th scope="col">Peer</th>
            <th scope="col">To you</th>
            <th scope="col">From you</th>
            <th scope="col">Round trip</th>
            <th scope="col">Received</th>
            <th scope="col">Sent</th>
            <th scope="col">State</th>
          </tr>
        </thead>
        <tbody>{sorted.map((neighbour) => <Row key={neighbour.peer} neighbour={neighbour} />)}</tbody>
      </table>
    </div>
  );
}
