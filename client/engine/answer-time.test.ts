import { describe, expect, it } from 'vitest';
import { AnswerTime } from './answer-time.ts';

function after(...answersMs: readonly number[]): AnswerTime {
  const time = new AnswerTime(50);
  for (const ms of answersMs) time.note(ms);
  return time;
}

describe('the time of an answer', () => {
  it('is what was believed, before anything was measured', () => {
    expect(after()).toMatchObject({ meanMs: 50, boundMs: 250 });
  });

  it('may be three times the first one', () => {
    expect(after(100)).toMatchObject({ meanMs: 100, boundMs: 300 });
  });

  it('is known closely where all are alike', () => {
    const time = after(...Array.from({ length: 30 }, () => 80));
    expect(time.meanMs).toBe(80);
    expect(time.boundMs).toBeLessThan(81);
  });

  it('may be long at once after one that was', () => {
    const time = after(20, 20, 20, 20, 1_000);
    expect(time.meanMs).toBeLessThan(150);
    expect(time.boundMs).toBeGreaterThan(1_000);
  });
});
