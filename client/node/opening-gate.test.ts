import { describe, expect, it } from 'vitest';
import { ProcessGate } from './opening-gate.ts';

describe('ProcessGate', () => {
  it('lets so many in, and the next when one leaves', () => {
    const gate = new ProcessGate(2);
    const inside: string[] = [];
    const [leaveA] = ['a', 'b', 'c', 'd'].map((name) => gate.enter(() => inside.push(name)));
    expect(inside).toEqual(['a', 'b']);
    leaveA!();
    leaveA!();
    expect(inside).toEqual(['a', 'b', 'c']);
  });

  it('forgets one that gives up while it waits', () => {
    const gate = new ProcessGate(1);
    const inside: string[] = [];
    const [leaveA, leaveB] = ['a', 'b', 'c'].map((name) => gate.enter(() => inside.push(name)));
    leaveB!();
    leaveA!();
    expect(inside).toEqual(['a', 'c']);
  });
});
