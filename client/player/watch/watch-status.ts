/**
 * What a watching person has to know now, in one plain sentence and one of advice, or nothing. Everything that mends
 * itself unnoticed (a lost peer, a lost tracker, a seeder nobody needs) stays unsaid.
 */
import type { FailureReason, ViewerState } from '../viewer-port.ts';

export interface WatchStatus {
  /** `wait`: it goes on by itself. `stop`: this channel will not play as things are. */
  readonly tone: 'wait' | 'stop';
  readonly sentence: string;
  readonly advice: string;
  /** A way out worth a link. */
  readonly offer: 'channels' | 'plainStream' | null;
}

const ADVICE: Readonly<Record<FailureReason, Omit<WatchStatus, 'sentence'>>> = {
  unknownChannel: { tone: 'stop', advice: 'Check the link, or pick another channel. If it comes on air, it plays here by itself.', offer: 'channels' },
  serverUnreachable: { tone: 'wait', advice: 'Check your connection. It is tried again by itself.', offer: null },
  unsupported: { tone: 'stop', advice: 'Try a current Chrome, Edge, Firefox or Safari, or open the plain stream.', offer: 'plainStream' },
  broken: { tone: 'stop', advice: 'Reload the page. If that does not help, tell whoever runs this server.', offer: 'channels' },
};

/** For a link that holds no channel id at all. */
export const NO_SUCH_LINK: WatchStatus = {
  tone: 'stop',
  sentence: 'This link does not lead to a channel.',
  advice: 'It may have been cut off when it was copied. All channels of this server are on its first page.',
  offer: 'channels',
};

export function watchStatus({ status, swarm }: Pick<ViewerState, 'status' | 'swarm'>): WatchStatus | null {
  if (status.kind === 'failed') return { ...ADVICE[status.reason], sentence: status.sentence };
  if (swarm?.notice === 'channelGone') {
    return { tone: 'stop', sentence: 'This channel has gone off the air.', advice: 'Pick another channel. If it comes back, it goes on here by itself.', offer: 'channels' };
  }
  if (swarm?.notice === 'waitingForSeederAndPeers') {
    return { tone: 'wait', sentence: 'The server cannot be reached and no viewer has this part; retrying.', advice: 'It goes on by itself as soon as one of them answers.', offer: null };
  }
  return null;
}
