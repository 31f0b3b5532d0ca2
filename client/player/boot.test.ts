// The boot element: a damaged one counts as none, and consent is implied only where the server says exactly that.
import { describe, expect, it } from 'vitest';
import { parseBoot } from './boot.ts';

describe('parseBoot', () => {
  it('takes what the server writes', () => {
    const boot = { description: { channel: 'x' }, entries: 'AAAA', consent: 'implied' };
    expect(parseBoot(JSON.stringify(boot))).toEqual(boot);
  });

  it.each(['', '{', 'null', '[]', '7', '{"entries":"","consent":"ask"}', '{"description":{},"entries":7}'])(
    'takes %s for no boot data', (text) => expect(parseBoot(text)).toBeNull(),
  );

  it.each(['true', '"IMPLIED"', '"ask"', 'null'])('asks when consent is %s', (consent) => {
    expect(parseBoot(`{"description":{},"entries":"","consent":${consent}}`)?.consent).toBe('ask');
  });
});
