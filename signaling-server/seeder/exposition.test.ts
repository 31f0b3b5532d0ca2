import { expect, it } from 'vitest';
import { writeExposition } from './exposition.ts';

it('figures are written as Prometheus reads them: header once, labels escaped', () => {
  const text = writeExposition([
    { name: 'tributary_viewers', labels: { channel: 'a"b\\c\nd' }, value: 3 },
    { name: 'tributary_signals_total', value: 7 },
    { name: 'tributary_viewers', labels: { channel: 'e' }, value: 0 },
  ]);
  expect(text.split('\n').filter((line) => line !== '' && !line.startsWith('# HELP'))).toEqual([
    '# TYPE tributary_viewers gauge',
    'tributary_viewers{channel="a\\"b\\\\c\\nd"} 3',
    'tributary_viewers{channel="e"} 0',
    '# TYPE tributary_signals_total counter',
    'tributary_signals_total 7',
  ]);
});
