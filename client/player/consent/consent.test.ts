// Who decides about sharing: the link for its visit, else the person's last word, else the operator; nobody: ask.
import type { P2pMode } from '#engine/viewer-snapshot';
import { describe, expect, it } from 'vitest';
import { modeFromQuery, parseMode, reduceConsent, startConsent, type ConsentFacts } from './consent.ts';
import { createConsentStore } from './consent-store.ts';

const facts = (changes: Partial<ConsentFacts> = {}): ConsentFacts => ({
  fromLink: null, remembered: null, operator: 'ask', hasWebRtc: true, ...changes,
});

describe('startConsent', () => {
  it.each<[string, Partial<ConsentFacts>, P2pMode, boolean]>([
    ['nothing said: the seeder alone, and the notice', {}, 'off', true],
    ['implied by the operator', { operator: 'implied' }, 'on', false],
    ['remembered', { remembered: 'download' }, 'download', false],
    ['a remembered no outdoes the operator', { remembered: 'off', operator: 'implied' }, 'off', false],
    ['the link outdoes what is remembered', { fromLink: 'on', remembered: 'off' }, 'on', false],
    ['the link outdoes the operator', { fromLink: 'off', operator: 'implied' }, 'off', false],
    ['without WebRTC there is nothing to ask', { hasWebRtc: false }, 'off', false],
  ])('%s', (_name, changes, mode, isNoticeShown) => expect(startConsent(facts(changes))).toMatchObject({ mode, isNoticeShown }));
});

describe('a choice', () => {
  it.each<P2pMode>(['on', 'download', 'off'])('of %s takes the notice away', (mode) => {
    expect(reduceConsent(startConsent(facts()), { type: 'chosen', mode })).toMatchObject({ mode, isNoticeShown: false });
  });

  it('is passed on before anybody draws it, once', () => {
    const order: string[] = [];
    const store = createConsentStore(facts(), (mode) => order.push(`viewer ${mode}`));
    const stop = store.subscribe(() => order.push(`page ${store.getSnapshot().mode}`));
    store.choose('on');
    stop();
    store.choose('off');
    expect(order).toEqual(['viewer on', 'page on', 'viewer off']);
  });
});

describe('names of modes', () => {
  it.each<[string, P2pMode | null]>([
    ['?p2p=on', 'on'], ['?p2p=download', 'download'], ['?a=1&p2p=off', 'off'], ['', null], ['?p2p=', null], ['?p2p=ON', null], ['?p2p=toString', null],
  ])('%s', (query, mode) => expect(modeFromQuery(query)).toBe(mode));
  it('knows no other', () => expect(parseMode(null)).toBeNull());
});
