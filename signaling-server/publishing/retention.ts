/**
 * When a published channel counts as abandoned. Hosts come and go without saying so; what nobody will continue takes a
 * place that others are refused for. A film that is whole and has a floor on the server needs no host: it stays until
 * room is wanted, because its link was given away. Pure.
 */
const [HOUR_MS, DAY_MS] = [3_600_000, 86_400_000];

export interface Silence {
  readonly kind: 'vod' | 'live';
  /** Whether it can be watched without its host. */
  readonly isWhole: boolean;
  /** Since the host was heard last, ms. */
  readonly silentMs: number;
}

/** Live keeps a minute: a day after its host went there is nothing in it, and who streams daily is heard in time. */
const LIVE_MS = 30 * HOUR_MS;
/** An upload that broke off goes on after a week's holiday at most; of a film without a server copy nothing is here. */
const PARTIAL_MS = 8 * DAY_MS;
/** A film gives way where there is no more room, but not one that was put here this month. */
const WHOLE_MS = 30 * DAY_MS;

/** Whether it is taken off the server in any case. */
export function isAbandoned({ kind, isWhole, silentMs }: Silence): boolean {
  if (kind === 'live') return silentMs > LIVE_MS;
  return !isWhole && silentMs > PARTIAL_MS;
}

/** Whether it may be taken off the server where others need its room. */
export const mayGiveWay = (silence: Silence): boolean => isAbandoned(silence) || silence.silentMs > WHOLE_MS;
