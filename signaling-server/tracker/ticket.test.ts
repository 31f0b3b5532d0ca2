import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { parseChannelId, parsePeerId } from '#protocol/ids';
import { MAX_TICKET_BYTES } from '#protocol/limits';
import type { TicketKey } from './ports.ts';
import { isTicketFor, issueTicket } from './ticket.ts';

/** Signs with a hash: enough to tell whether what is signed and what is verified are the same bytes. */
function fakeKey(secret: string): TicketKey {
  const sign = (message: Uint8Array): Uint8Array => createHash('sha512').update(secret).update(message).digest();
  return { sign, verify: (message, signature) => Buffer.from(sign(message)).equals(signature) };
}

const key = fakeKey('tracker');
const claim = { kind: 'member', channel: parseChannelId('a'.repeat(32)), peer: parsePeerId('b'.repeat(32)) } as const;
const NOW = 1_800_000_000_000;
const ticket = issueTicket({ ...claim, expiresMs: NOW + 60_000 }, key);

describe('a ticket', () => {
  it('is good for its peer in its channel until it is over', () => {
    expect(isTicketFor(ticket, claim, NOW, key)).toBe(true);
    expect(isTicketFor(ticket, claim, NOW + 59_000, key)).toBe(true);
    expect(isTicketFor(ticket, claim, NOW + 60_000, key)).toBe(false);
  });

  it('fits the wire', () => {
    expect(Buffer.from(ticket, 'base64').length).toBeLessThanOrEqual(MAX_TICKET_BYTES);
  });

  it.each([
    ['another channel', { ...claim, channel: parseChannelId('c'.repeat(32)) }],
    ['another peer', { ...claim, peer: parsePeerId('c'.repeat(32)) }],
    ['another purpose', { ...claim, kind: 'introduction' as const }],
  ])('is no good for %s', (_, wanted) => {
    expect(isTicketFor(ticket, wanted, NOW, key)).toBe(false);
  });

  it('of another tracker is no good', () => {
    expect(isTicketFor(ticket, claim, NOW, fakeKey('other'))).toBe(false);
  });

  it('with any bit changed is no good, and never an exception', () => {
    const bytes = Buffer.from(ticket, 'base64');
    for (let bit = 0; bit < bytes.length * 8; bit += 5) {
      const changed = Buffer.from(bytes);
      changed[bit >> 3]! ^= 1 << (bit & 7);
      expect(isTicketFor(changed.toString('base64'), claim, NOW, key)).toBe(false);
    }
    for (const text of ['', 'x', '!!!!', ticket.slice(4), `${ticket}AAAA`]) expect(isTicketFor(text, claim, NOW, key)).toBe(false);
  });
});
