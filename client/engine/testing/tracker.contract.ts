/** What every Tracker keeps to, told to adapters and fakes alike. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ChannelId, PeerId } from '#protocol/ids';
import type { LogEntry } from '#protocol/record';
import type { Candidate, Join, JoinReply, Leave, MoreCandidatesReply, Position, Report, Signal } from '#protocol/tracker-events';
import type { Joined, Tracker, TrackerListener } from '../ports.ts';

export const CHANNEL = 'c'.repeat(32) as ChannelId;
export const SELF = 'a'.repeat(32) as PeerId;
export const OTHER = 'b'.repeat(32) as PeerId;
const POSITION: Position = { mediaMs: 1000, uploads: true, links: 1, maxLinks: 12 };

/** The tracker's side, scripted by the test. */
export interface TrackerHost {
  readonly tracker: Tracker;
  /** Answers every join; `undefined` lets it wait for ever. */
  answer: (join: Join) => JoinReply | undefined;
  moreCandidates: MoreCandidatesReply;
  /** An entry that a head may carry. */
  readonly entry: LogEntry;
  /** Resolves with the next event of that kind that the tracker receives. */
  next(event: 'join'): Promise<Join>;
  next(event: 'signal'): Promise<Signal>;
  next(event: 'report'): Promise<Report>;
  next(event: 'leave'): Promise<Leave>;
  /** Says anything at all to the member. */
  say(event: 'signal' | 'head' | 'presence', value: unknown): void;
  /** `head` as the wire carries it. */
  encodeHead(entry: LogEntry, swarmSize: number): unknown;
  /** Ends the member's connection, as a tracker that restarts does. */
  drop(): void;
  close(): Promise<void>;
}

export const goodReply = (changes: Partial<Extract<JoinReply, { ok: true }>> = {}): JoinReply => ({
  ok: true,
  candidates: [{ peer: OTHER, ticket: 'AAAA', mediaMs: 500, uploads: true }],
  swarmSize: 2,
  iceServers: [{ urls: 'stun:stun.example.org' }],
  ticket: 'AQID',
  heads: [],
  trackerMs: 1_000_000,
  ...changes,
});

interface Heard {
  readonly listener: TrackerListener;
  readonly log: string[];
  /** Resolves with the argument of the next call of that name. */
  next<T>(name: string): Promise<T>;
}

function hear(): Heard {
  const waiting = new Map<string, ((value: unknown) => void)[]>();
  const log: string[] = [];
  const call = (name: string, value?: unknown): void => {
    log.push(name);
    waiting.get(name)?.shift()?.(value);
  };
  return {
    log,
    next: <T>(name: string) =>
      new Promise<T>((resolve) => {
        waiting.set(name, [...(waiting.get(name) ?? []), resolve as (value: unknown) => void]);
      }),
    listener: {
      onJoined: (joined) => call('joined', joined),
      onSignal: (from, signal) => call('signal', { from, signal }),
      onHead: (head, swarmSize) => call('head', { head, swarmSize }),
      onHosted: (hosted) => call('hosted', hosted),
      onLost: () => call('lost'),
      onRefused: (reason) => call('refused', reason),
    },
  };
}

export function describeTracker(name: string, open: () => Promise<TrackerHost>): void {
  describe(`${name} keeps the contract of Tracker`, () => {
    let host: TrackerHost;
    let heard: Heard;
    beforeEach(async () => {
      host = await open();
      heard = hear();
    });
    afterEach(() => host.close());

    const join = async (): Promise<Joined> => {
      const joined = heard.next<Joined>('joined');
      host.tracker.join(CHANNEL, SELF, () => POSITION, heard.listener);
      expect(heard.log, 'not from inside join()').toEqual([]);
      return joined;
    };

    it('joins with channel, id and position, and hands over what the tracker answers', async () => {
      const asked = host.next('join');
      const joined = await join();
      expect(await asked).toEqual({ channel: CHANNEL, peer: SELF, position: POSITION });
      expect(joined).toMatchObject({ swarmSize: 2, candidates: [{ peer: OTHER }], ticket: Uint8Array.of(1, 2, 3) });
      expect(joined.iceServers).toEqual([{ urls: 'stun:stun.example.org' }]);
      expect(host.tracker.isConnected).toBe(true);
    });

    it('carries signals both ways, with the channel they belong to', async () => {
      await join();
      const sent = host.next('signal');
      host.tracker.signal(OTHER, 'hello');
      expect(await sent).toEqual({ channel: CHANNEL, to: OTHER, signal: 'hello' });
      const arrived = heard.next('signal');
      host.say('signal', { channel: CHANNEL, from: OTHER, signal: 'you too' });
      expect(await arrived).toEqual({ from: OTHER, signal: 'you too' });
    });

    it('hands over heads', async () => {
      await join();
      const arrived = heard.next('head');
      host.say('head', host.encodeHead(host.entry, 7));
      expect(await arrived).toEqual({ head: host.entry, swarmSize: 7 });
    });

    it('U-6: hands over what is told of a host, on joining and later', async () => {
      const hosted = { state: 'on', peer: OTHER, floor: 'peers' } as const;
      host.answer = () => goodReply({ hosted });
      expect((await join()).hosted).toEqual(hosted);
      const arrived = heard.next('hosted');
      host.say('presence', { channel: CHANNEL, hosted: { state: 'gone fishing', peer: OTHER, floor: 'peers' } });
      host.say('presence', { channel: 'd'.repeat(32), hosted });
      host.say('presence', { channel: CHANNEL, hosted: { state: 'away', peer: null, floor: 'peers' } });
      expect(await arrived).toEqual({ state: 'away', peer: null, floor: 'peers' });
      expect(heard.log).toEqual(['joined', 'hosted']);
    });

    it('drops whatever does not fit, and works on', async () => {
      await join();
      for (const bad of [undefined, null, 7, 'x', {}, { channel: CHANNEL }, { channel: 'd'.repeat(32), from: OTHER, signal: 'not ours' }]) {
        host.say('signal', bad);
        host.say('head', bad);
      }
      host.say('head', { channel: CHANNEL, entry: Uint8Array.of(1, 2, 3), swarmSize: 1 });
      host.say('signal', { channel: CHANNEL, from: OTHER, signal: 'x'.repeat(20_000) });
      const arrived = heard.next('signal');
      host.say('signal', { channel: CHANNEL, from: OTHER, signal: 'good' });
      expect(await arrived).toEqual({ from: OTHER, signal: 'good' });
      expect(heard.log).toEqual(['joined', 'signal']);
    });

    it('asks for more candidates', async () => {
      await join();
      const answer = await new Promise<{ candidates: readonly Candidate[]; swarmSize: number }>((resolve) => {
        host.tracker.moreCandidates([OTHER], (candidates, swarmSize) => resolve({ candidates, swarmSize }));
      });
      expect(answer).toEqual(host.moreCandidates);
    });

    it('reports', async () => {
      await join();
      const figures = { bytesFromPeers: 1, bytesFromSeeder: 2, bytesToPeers: 3, controlBytes: 4, stalls: 0, stalledMs: 0, startupMs: 5, watchedMs: 6, links: 1 };
      const sent = host.next('report');
      host.tracker.report(figures);
      expect(await sent).toEqual({ ...figures, channel: CHANNEL });
    });

    it('tells a loss once and joins again by itself, with its ticket', { timeout: 20_000 }, async () => {
      await join();
      const lost = heard.next('lost');
      const again = heard.next('joined');
      const asked = host.next('join');
      host.drop();
      await lost;
      expect(host.tracker.isConnected).toBe(false);
      expect((await asked).ticket).toBe('AQID');
      await again;
      expect(heard.log).toEqual(['joined', 'lost', 'joined']);
    });

    it('tells a refusal that is for good, and stays away', async () => {
      host.answer = () => ({ ok: false, reason: 'unknownChannel' });
      const refused = heard.next('refused');
      host.tracker.join(CHANNEL, SELF, () => POSITION, heard.listener);
      expect(await refused).toBe('unknownChannel');
      expect(host.tracker.isConnected).toBe(false);
    });

    it('leaves, hears nothing more, and can join again', async () => {
      await join();
      const left = host.next('leave');
      host.tracker.leave();
      expect(host.tracker.isConnected).toBe(false);
      expect(await left).toEqual({ channel: CHANNEL });
      host.say('signal', { channel: CHANNEL, from: OTHER, signal: 'too late' });
      const second = hear();
      const joined = second.next('joined');
      host.tracker.join(CHANNEL, SELF, () => POSITION, second.listener);
      await joined;
      expect(heard.log).toEqual(['joined']);
    });
  });
}
