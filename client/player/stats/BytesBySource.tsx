/** Down and up in bytes: one bar for what came and from where, one for what went out, on the same scale. */
import type { ByteTotals } from '#engine/viewer-snapshot';
import { formatBytes } from '../format/bytes.ts';

interface Part {
  readonly name: string;
  readonly bytes: number;
  readonly source: 'peers' | 'seeder' | 'up';
}

function Bar({ parts, whole }: { readonly parts: readonly Part[]; readonly whole: number }) {
  return (
    <div className="bytes__bar" aria-hidden="true">
      {parts.filter((part) => part.bytes > 0).map((part) => (
        <span key={part.name} data-source={part.source} style={{ width: `${((part.bytes / whole) * 100).toFixed(2)}%` }} />
      ))}
    </div>
  );
}

function Direction({ title, parts, whole }: { readonly title: string; readonly parts: readonly Part[]; readonly whole: number }) {
  return (
    <div className="bytes">
      <h3>{title}</h3>
      <Bar parts={parts} whole={whole} />
      <ul className="legend tabular">
        {parts.map((part) => (
          <li key={part.name}><span className="legend__swatch" data-source={part.source} aria-hidden="true" />{part.name} {formatBytes(part.bytes)}</li>
        ))}
      </ul>
    </div>
  );
}

export function BytesBySource({ bytes }: { readonly bytes: ByteTotals }) {
  const whole = Math.max(1, bytes.fromPeers + bytes.fromSeeder, bytes.toPeers);
  return (
    <div data-testid="bytes-by-source">
      <Direction
        title="Received" whole={whole}
        parts={[
          { name: 'From peers', bytes: bytes.fromPeers, source: 'peers' },
          { name: 'From the seeder', bytes: bytes.fromSeeder, source: 'seeder' },
        ]}
      />
      <Direction title="Sent" whole={whole} parts={[{ name: 'To peers', bytes: bytes.toPeers, source: 'up' }]} />
    </div>
  );
}
