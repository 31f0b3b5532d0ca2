import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';

// Each test starts a process of its own.
vi.setConfig({ testTimeout: 120_000 });
const folder = mkdtempSync(path.join(os.tmpdir(), 'simulate-'));
afterAll(() => rmSync(folder, { recursive: true }));

const simulate = (...words: string[]): { status: number | null; out: string; said: string } => {
  const main = path.join(import.meta.dirname, 'main.ts');
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', 'tsx', main, ...words], { encoding: 'utf8', cwd: path.join(import.meta.dirname, '..') });
  return { status, out: stdout, said: stderr };
};

describe('npm run simulate', () => {
  it.each([
    [['nowhere'], /^There is no scenario "nowhere"; there are .*\.\n$/],
    [['live-steady', '--policy', 'best'], /^There is no policy "best"; there are .*\.\n$/],
    [['live-steady', '--peers', '-3'], /^peers must be a whole number from 1 to 100000, not -3\.\n$/],
    [['vod-10', '--report', path.join(folder, 'no', 'such', 'report.html')], /^The report cannot be written: .*\.\n$/],
  ])('answers %j with one sentence and exit 2', (words, sentence) => {
    const { status, out, said } = simulate(...words);
    expect(said).toMatch(sentence);
    expect([status, out]).toEqual([2, '']);
  });

  it('runs, says the result as JSON, and writes the report', () => {
    const report = path.join(folder, 'report.html');
    const { status, out, said } = simulate('live-10', '--peers', '3', '--seconds', '8', '--json', '--report', report);
    expect([status, said]).toEqual([0, '']);
    expect(JSON.parse(out)).toMatchObject({ scenario: 'live-10', seed: 1, arrived: expect.any(Number) as number, violations: [] });
    expect(readFileSync(report, 'utf8')).toMatch(/^<!doctype html>/);
  });
});
