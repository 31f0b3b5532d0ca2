// Storage that is refused must never cost more than the memory itself.
import { describe, expect, it } from 'vitest';
import { createLocalMemory } from './local-memory.ts';

describe('local memory', () => {
  it('keeps names of ours apart from others', () => {
    const kept = new Map<string, string>();
    const memory = createLocalMemory(() => ({
      getItem: (name) => kept.get(name) ?? null,
      setItem: (name, value) => void kept.set(name, value),
      removeItem: (name) => void kept.delete(name),
    }));
    memory.write('p2p', 'on');
    expect([...kept]).toEqual([['tributary.p2p', 'on']]);
    expect(memory.read('p2p')).toBe('on');
    memory.forget('p2p');
    expect(memory.read('p2p')).toBeNull();
  });

  it('does without when the browser refuses', () => {
    const memory = createLocalMemory(() => {
      throw new DOMException('denied', 'SecurityError');
    });
    expect(() => memory.write('p2p', 'on')).not.toThrow();
    expect(() => memory.forget('p2p')).not.toThrow();
    expect(memory.read('p2p')).toBeNull();
  });
});
