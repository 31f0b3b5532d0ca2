import { chunkIndex, streamId } from '#protocol/ids';
import { encode, type Message } from '#protocol/messages';
import { beforeEach, describe, expect, it } from 'vitest';
import { RequestLedger } from './request-ledger.ts';
import type { SimLink } from './sim-link.ts';
import { TestPair } from './testing/pair.ts';

const run = { stream: streamId(0), chunk: chunkIndex(7), first: 2, count: 3 };
const pieces: Message[] = [2, 3, 4].map((piece) => ({ name: 'piece', stream: run.stream, chunk: run.chunk, piece, data: new Uint8Array(9) }));

let nowMs: number;
let ledger: RequestLedger;
let asked: SimLink;
const hears = (message: Message): void => ledger.onReceived(asked, encode(message));
const says = (message: Message): void => ledger.onSent(asked, encode(message));
const owed = (): number => ledger.overdue(1000)[0]?.pieces ?? 0;

beforeEach(() => {
  nowMs = 0;
  ledger = new RequestLedger(() => nowMs);
  const pair = new TestPair();
  const [a, b] = [pair.add('a'), pair.add('b')];
  a.dialer.dial(b.id);
  pair.clock.runUntil(1000);
  asked = b.dialer.links.get(a.id)!;
  hears({ name: 'request', ...run, deadlineMs: 500 });
  nowMs = 2000;
});

describe('ledger of requests', () => {
  it('finds who owes an answer for too long, and for how many pieces', () => {
    expect(ledger.overdue(3000)).toEqual([]);
    expect(ledger.overdue(1000)).toEqual([{ link: asked, pieces: 3 }]);
  });

  it('takes pieces one by one, a reject, a choke, a cancel and the end of the link for an answer', () => {
    says(pieces[0]!);
    expect(owed()).toBe(2);
    says({ name: 'reject', ...run, first: 3, count: 1, reason: 1 });
    expect(owed()).toBe(1);
    hears({ name: 'cancel', ...run, first: 4, count: 1 });
    expect(owed()).toBe(0);
    nowMs = 0;
    hears({ name: 'request', ...run, deadlineMs: 500 });
    nowMs = 2000;
    says({ name: 'choke' });
    expect(owed()).toBe(0);
    nowMs = 0;
    hears({ name: 'request', ...run, deadlineMs: 500 });
    nowMs = 2000;
    expect(owed()).toBe(3);
    ledger.onEnd(asked);
    expect(owed()).toBe(0);
  });

  it('does not take a piece of another chunk for an answer', () => {
    says({ ...pieces[0]!, chunk: chunkIndex(8) } as Message);
    expect(owed()).toBe(3);
  });
});
