import { describe, expect, it } from 'vitest';
import { MAX_LOG_ENTRY_BYTES } from './limits.ts';
import {
  candidateSchema, forwardedSignalSchema, headSchema, joinReplySchema, joinSchema, leaveSchema, moreCandidatesReplySchema,
  moreCandidatesSchema, positionSchema, reportSchema, signalSchema,
} from './tracker-events.ts';

const channel = 'c'.repeat(32);
const peer = 'p'.repeat(32);
const position = { mediaMs: 12.5, uploads: true, links: 3, maxLinks: 12, utcOffsetMinutes: -210 };
const candidate = { peer, ticket: 'AAAA', mediaMs: -1, uploads: false, isNear: true };
const reply = {
  ok: true, candidates: [candidate], swarmSize: 2, iceServers: [{ urls: 'stun:stun.example:3478' }, { urls: ['turn:t.example'], username: 'u', credential: 'c' }],
  ticket: 'AAAA', heads: [new Uint8Array(3), new ArrayBuffer(3)], trackerMs: 1.7e12,
};
const report = {
  channel, bytesFromPeers: 1, bytesFromSeeder: 2, bytesToPeers: 3, controlBytes: 4, stalls: 0, stalledMs: 0, startupMs: 210.5, watchedMs: 9e3, links: 4,
};

/** Every event with one value that must pass; each field of it is then spoilt in turn. */
const EVENTS = [
  { name: 'position', schema: positionSchema, value: position },
  { name: 'join', schema: joinSchema, value: { channel, peer, ticket: 'AAAA', position } },
  { name: 'candidate', schema: candidateSchema, value: candidate },
  { name: 'joinReply', schema: joinReplySchema, value: reply },
  { name: 'joinReply, refused', schema: joinReplySchema, value: { ok: false, reason: 'full' } },
  { name: 'signal', schema: signalSchema, value: { channel, to: peer, signal: '{"type":"offer"}' } },
  { name: 'forwarded signal', schema: forwardedSignalSchema, value: { channel, from: peer, signal: '' } },
  { name: 'candidates', schema: moreCandidatesSchema, value: { channel, position, known: [peer] } },
  { name: 'candidates reply', schema: moreCandidatesReplySchema, value: { candidates: [candidate], swarmSize: 0 } },
  { name: 'head', schema: headSchema, value: { channel, entry: new Uint8Array(200), swarmSize: 7 } },
  { name: 'leave', schema: leaveSchema, value: { channel } },
  { name: 'report', schema: reportSchema, value: report },
] as const;

/** What need not be told: an earlier ticket in `join`, where somebody is, and who is near. */
const OPTIONAL = new Set(['ticket', 'utcOffsetMinutes', 'isNear']);

/** What no field of any event may hold. */
const HOSTILE: [string, unknown][] = [
  ['null', null],
  ['a function', () => peer],
  ['an object', { toString: () => channel, length: 1 }],
  ['text without end', 'a'.repeat(1_000_000)],
  ['text with a newline', `${'a'.repeat(32)}\n`],
  ['not a number', NaN],
  ['an infinity', Infinity],
  ['below every range', -1e4],
  ['above every range', 1e300],
  ['a big integer', 10n],
  ['a symbol', Symbol('x')],
  ['a long list', new Array(10_000).fill(peer)],
  ['bytes too many', new Uint8Array(MAX_LOG_ENTRY_BYTES + 1)],
];

describe.each(EVENTS)('T-1: $name', ({ schema, value }) => {
  it('passes as it should be, unchanged', () => {
    expect(schema.parse(value)).toEqual(value);
  });

  it.each(Object.keys(value))('is refused with hostile values in %s', (field) => {
    for (const [what, hostile] of HOSTILE) {
      const isFreeText = field === 'signal' && what === 'text with a newline';
      expect(schema.safeParse({ ...value, [field]: hostile }).success, `${field}: ${what}`).toBe(isFreeText);
    }
  });

  it('is refused with a field missing, a field too many, or a prototype smuggled in', () => {
    for (const field of Object.keys(value)) {
      if (OPTIONAL.has(field) && !(field === 'ticket' && schema !== joinSchema)) continue;
      const fewer = Object.fromEntries(Object.entries(value).filter(([name]) => name !== field));
      expect(schema.safeParse(fewer).success, field).toBe(false);
    }
    expect(schema.safeParse({ ...value, isAdmin: true }).success).toBe(false);
    const smuggled: unknown = Object.defineProperty({ ...value }, '__proto__', { value: { isAdmin: true }, enumerable: true });
    expect(schema.safeParse(smuggled).success).toBe(false);
  });

  it.each([undefined, null, 0, 'join', true, [], [value], () => value])('is refused when it is %o', (given) => {
    expect(schema.safeParse(given).success).toBe(false);
  });
});

describe('T-1: limits of single fields', () => {
  const passes = (schema: { safeParse(value: unknown): { success: boolean } }, value: unknown): boolean => schema.safeParse(value).success;

  it('a signal may have 12 Ki characters', () => {
    expect(passes(signalSchema, { channel, to: peer, signal: 'x'.repeat(12_288) })).toBe(true);
    expect(passes(signalSchema, { channel, to: peer, signal: 'x'.repeat(12_289) })).toBe(false);
  });

  it('at most 50 candidates are introduced', () => {
    expect(passes(moreCandidatesReplySchema, { candidates: new Array(50).fill(candidate), swarmSize: 1 })).toBe(true);
    expect(passes(moreCandidatesReplySchema, { candidates: new Array(51).fill(candidate), swarmSize: 1 })).toBe(false);
  });

  it('a ticket is base64 of at most 160 bytes', () => {
    const joinWith = (ticket: string): boolean => passes(joinSchema, { channel, peer, ticket, position });
    expect([joinWith(''), joinWith('A'.repeat(216)), joinWith('A'.repeat(217)), joinWith('a_b-'), joinWith('<x>')]).toEqual([true, true, false, false, false]);
  });

  it('a head weighs at most one log entry, and may come as Node and browsers hand it over', () => {
    const head = (entry: unknown): boolean => passes(headSchema, { channel, entry, swarmSize: 1 });
    const whole = new Uint8Array(MAX_LOG_ENTRY_BYTES);
    expect([head(whole), head(whole.buffer), head(Buffer.from(whole)), head([...new Uint8Array(4)]), head('AAAA')]).toEqual([true, true, true, false, false]);
  });

  it('ICE servers are few and their addresses short', () => {
    const servers = (iceServers: unknown): boolean => passes(joinReplySchema, { ...reply, iceServers });
    expect([servers([]), servers(new Array(9).fill({ urls: 's' })), servers([{ urls: 'x'.repeat(513) }]), servers([{ urls: new Array(9).fill('s') }]), servers([{}])])
      .toEqual([true, false, false, false, false]);
  });
});
