import { describe, expect, it } from 'vitest';
import { parseChannelId } from '#protocol/ids';
import { reportJson, reportText, withoutRepetition, type ServerEvent } from './report.ts';
import { FakeClock } from './testing/fake-clock.ts';

const EVENTS: readonly ServerEvent[] = [
  { event: 'listening', url: 'http://localhost:8080', lan: ['http://192.0.2.1:8080'] },
  { event: 'channel', id: parseChannelId('a'.repeat(32)), title: 'A "film"\nof two lines', kind: 'vod', url: 'http://localhost:8080/watch/a' },
  { event: 'warning', message: 'Something is wrong.' },
  { event: 'closing' },
];

const written = (make: typeof reportJson): string => {
  let text = '';
  const report = make((part) => (text += part));
  for (const event of EVENTS) report(event);
  return text;
};

describe('what the server says', () => {
  it('to programs is one JSON object a line', () => {
    expect(written(reportJson).trimEnd().split('\n').map((line) => JSON.parse(line) as unknown)).toEqual(EVENTS);
  });

  it('to people are addresses and sentences', () => {
    const text = written(reportText);
    for (const part of ['http://localhost:8080\n', 'http://192.0.2.1:8080', 'on demand', 'Warning: Something is wrong.']) expect(text).toContain(part);
  });

  it('is not the same warning again within a minute', () => {
    const clock = new FakeClock(0);
    const heard: number[] = [];
    const report = withoutRepetition((event) => {
      if (event.event === 'warning') heard.push(clock.nowMs());
    }, clock);
    for (const second of [0, 1, 59, 60, 61]) {
      clock.moveTo(second * 1000);
      report({ event: 'warning', message: 'A chunk cannot be read.' });
    }
    report({ event: 'warning', message: 'Another.' });
    expect(heard).toEqual([0, 60_000, 61_000]);
  });
});
