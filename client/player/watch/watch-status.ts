/**
 * What a watching person has to know now, in one plain sentence and one of advice, or nothing. Everything that mends
 * itself unnoticed (a lost peer, a lost tracker, a seeder nobody needs) stays unsaid.
 */
import type { WatchSnapshot } from '#browser/watch-snapshot';
import type { ViewerSnapshot } from '#engine/viewer-snapshot';

export interface WatchStatus {
  /** `wait`: it goes on by itself. `stop`: this channel does not play as things are. */
  readonly tone: 'wait' | 'stop';
  readonly sentence: string;
  /** What to do, or what happens next; empty where the sentence says it. */
  readonly advice: string;
  /** A way out worth a link. */
  readonly offer: 'channels' | 'plainStream' | null;
}

const TROUBLES: Readonly<Record<'unknownChannel' | 'unreachable' | 'unsupportedBrowser', WatchStatus>> = {
  unknownChannel: {
    tone: 'stop', sentence: 'There is no such channel on this server.', offer: 'channels',
    advice: 'Check the link, or pick another channel. If this one comes on air, it plays here by itself.',
  },
  unreachable: {
    tone: 'wait', sentence: 'The server cannot be reached.', offer: null,
    advice: 'Check your connection. It is tried again by itself.',
  },
  unsupportedBrowser: {
    tone: 'stop', sentence: 'This browser cannot play streams (it has no Media Source Extensions).', offer: 'plainStream',
    advice: 'Use a current Chrome, Edge, Firefox or Safari, or open the plain stream.',
  },
};

const NOTICES: Readonly<Record<NonNullable<ViewerSnapshot['notice']>, WatchStatus>> = {
  channelGone: {
    tone: 'stop', sentence: 'This channel has gone off the air.', offer: 'channels',
    advice: 'Pick another channel. If this one comes back, it plays here by itself.',
  },
  hostAway: {
    tone: 'wait', sentence: 'The host is away.', offer: null,
    advice: 'It goes on by itself as soon as the host is back.',
  },
  hostDone: {
    tone: 'stop', sentence: 'The host has ended this channel.', offer: 'channels',
    advice: 'Pick another channel. If this one comes back, it plays here by itself.',
  },
  waitingForSeederAndPeers: {
    tone: 'wait', sentence: 'The server cannot be reached and no viewer has this part; retrying.', offer: null,
    advice: 'It goes on by itself as soon as one of them answers.',
  },
};

/** For a link that holds no channel id at all. */
export const NO_SUCH_LINK: WatchStatus = {
  tone: 'stop', sentence: 'This link does not lead to a channel.', offer: 'channels',
  advice: 'It may have been cut off when it was copied. All channels of this server are on its first page.',
};

export interface WatchFacts extends Pick<WatchSnapshot, 'status' | 'trouble' | 'sentence'> {
  readonly notice: ViewerSnapshot['notice'];
}

export function watchStatus({ status, trouble, sentence, notice }: WatchFacts): WatchStatus | null {
  if (status === 'failed') {
    if (trouble !== null && trouble !== 'untrusted') return TROUBLES[trouble];
    return { tone: 'stop', sentence: sentence ?? 'This channel cannot be played here.', advice: '', offer: 'channels' };
  }
  if (notice !== null) return NOTICES[notice];
  if (status === 'recovering' && sentence !== null) return { tone: 'wait', sentence, advice: '', offer: null };
  return null;
}
