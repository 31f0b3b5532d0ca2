/** Bytes down, up and beside the media: what came and from where, what went out, what was not of use; on one scale. */
import type { ByteTotals } from '#engine/viewer-snapshot';
import { formatBytes } from '../format/bytes.ts';

interface Part {
  readonly name: string;
  readonly bytes: number;
  readonly source: 'peers' | 'seeder' | 'up' | 'control' | 'wasted';
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
  const whole = Math.max(1, bytes.fromPeers + bytes.fromSeeder, bytes.toPeers, bytes.control + bytes.wasted);
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
      <Direction
        title="Beside the media" whole={whole}
        parts={[
          { name: 'Control messages', bytes: bytes.control, source: 'control' },
          { name: 'Arrived twice or wrong', bytes: bytes.wasted, source: 'wasted' },
        ]}
      />
    </div>
  );
}
