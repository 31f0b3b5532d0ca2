import { createEngine } from '#engine/engine';
import { describe, expect, it, vi } from 'vitest';
import { compare, comparedTable } from './compare.ts';
import { reportOf } from './report.ts';
import { runScenario } from './run.ts';
import { withPolicy } from './scenario-policies.ts';
import { findScenario } from './scenarios/catalogue.ts';

vi.setConfig({ testTimeout: 120_000 });
const LIVE = { ...findScenario('live-steady'), name: 'live <b>', peers: 6, durationSeconds: 45, arrivals: { kind: 'flash', overMs: 2000 } as const };

describe('a report', () => {
  const run = runScenario(LIVE, { seed: 1, createEngine });
  const html = reportOf(run);

  it('shows every picture, and needs nothing from anywhere else', () => {
    const titles = [...html.matchAll(/<figcaption>([^<]*)/g)].map(([, title]) => title);
    expect(titles).toEqual([
      'Share of bytes from peers',
      'Origin copies so far',
      'Bytes a second',
      'Viewers',
      'Control bytes for each media byte',
      'Parents and children of a peer, in windows of 20 s',
      'From arrival to the first frame',
      'Behind the source',
      'Chunks ready at their moment, share per viewer',
      'Upload of each peer, from the most to the least, MB',
      'Who holds what: chunks of the channel or the live window, oldest at the bottom; full colour is everybody',
    ]);
    expect(html).not.toMatch(/https?:|<script|<link|<img/);
    expect(html).not.toMatch(/NaN|undefined|Infinity/);
  });

  it('cannot be broken by a name', () => {
    expect(html).toContain('<title>live &lt;b&gt;, seed 1</title>');
    expect(html).not.toContain('live <b>');
  });
});

describe('a comparison', () => {
  it('runs each variant with the same seeds, and says mean, smallest and largest', () => {
    const seen: string[] = [];
    const { result } = runScenario({ ...LIVE, durationSeconds: 5 }, { seed: 1, createEngine });
    const variants = ['rarest', 'mixed'].map((label) => ({ label, apply: (one: typeof LIVE) => withPolicy(one, label) as typeof LIVE }));
    const rows = compare(LIVE, { what: 'policy', variants: variants as never, seeds: 2 }, (one, seed, label) => {
      seen.push(`${label} ${one.policies.pieceOrder} ${seed}`);
      return { ...result, originCopies: label === 'mixed' ? seed : 5, violations: seed === 2 ? ['broken'] : [] };
    });
    expect(seen).toEqual(['rarest rarest 1', 'rarest rarest 2', 'mixed mixed 1', 'mixed mixed 2']);
    const lines = comparedTable('policy', rows).split('\n');
    expect(lines[0]).toMatch(/^\| policy \| copies \|/);
    expect(lines[2]).toMatch(/^\| rarest \| 5\.00 \|.*\| 1 \|$/);
    expect(lines[3]).toMatch(/^\| mixed \| 1\.50 \(1\.00\.\.2\.00\) \|/);
  });
});
