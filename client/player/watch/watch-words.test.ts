// What a watching person is told: the chip, and the sentence when something needs one.
import { describe, expect, it } from 'vitest';
import { neighbour, snapshot } from '../testing/scripted-viewer.ts';
import { shareWords } from './share-words.ts';
import { watchStatus, type WatchFacts } from './watch-status.ts';

const plain = (text: string): string => text.replaceAll('\u00a0', ' ');

describe('the chip', () => {
  const two = [neighbour(0), neighbour(1), neighbour(2, { state: 'greeting' })];
  it.each([
    ['Starting', null],
    ['From the server alone', snapshot({ mode: 'off', swarm: 'off', offloadRatio: 0.5 })],
    ['From the server alone', snapshot({ swarm: 'unavailable' })],
    ['Finding viewers', snapshot({ swarm: 'joining' })],
    ['Finding viewers', snapshot({ dialing: 2 })],
    ['No other viewer yet', snapshot({ offloadRatio: 0 })],
    ['72 % from 2 viewers', snapshot({ offloadRatio: 0.72, neighbours: two })],
    ['0 % from 1 viewer', snapshot({ offloadRatio: null, neighbours: two.slice(0, 1) })],
    ['72 % from viewers', snapshot({ offloadRatio: 0.72 })],
    ['72 % from 2 viewers', snapshot({ offloadRatio: 0.72, neighbours: two, swarm: 'trackerLost' })],
  ])('%s', (text, state) => expect(plain(shareWords(state).text)).toBe(text));
});

describe('the status sentence', () => {
  const facts = (changes: Partial<WatchFacts>): WatchFacts => ({ status: 'open', trouble: null, sentence: null, notice: null, ...changes });

  it.each(['opening', 'open', 'closed'] as const)('is silent while %s', (status) => expect(watchStatus(facts({ status }))).toBeNull());

  it.each([
    [facts({ status: 'failed', trouble: 'unknownChannel', sentence: 'x' }), 'stop', 'There is no such channel on this server.'],
    [facts({ status: 'failed', trouble: 'unreachable' }), 'wait', 'The server cannot be reached.'],
    [facts({ status: 'failed', trouble: 'untrusted', sentence: 'Not signed.' }), 'stop', 'Not signed.'],
    [facts({ status: 'failed', sentence: 'No such format.' }), 'stop', 'No such format.'],
    [facts({ status: 'recovering', sentence: 'Being resumed.' }), 'wait', 'Being resumed.'],
    [facts({ notice: 'waitingForSeederAndPeers' }), 'wait', 'The server cannot be reached and no viewer has this part; retrying.'],
    [facts({ status: 'recovering', sentence: 'Being resumed.', notice: 'channelGone' }), 'stop', 'This channel has gone off the air.'],
  ])('%j', (state, tone, sentence) => expect(watchStatus(state)).toMatchObject({ tone, sentence }));

  it('offers the plain stream where the browser lacks what we need', () => {
    expect(watchStatus(facts({ status: 'failed', trouble: 'unsupportedBrowser' }))?.offer).toBe('plainStream');
  });
});
