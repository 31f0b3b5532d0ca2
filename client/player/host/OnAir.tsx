/** On air: the link and how to hand it on, who watches, what it costs, and whether the page may be closed. */
import { isSafeToClose, SAFE_COPIES, type Hosting, type HostSnapshot } from '#browser/hosting/host-snapshot';
import type { Captured } from '#browser/hosting/capture';
import { paths } from '#protocol/paths';
import { formatBytes, formatByteRate } from '../format/bytes.ts';
import { countOf, formatShare } from '../format/shares.ts';
import { useStore } from '../store/use-store.ts';
import type { HostDesk } from './host-desk.ts';
import { LinkCard } from './LinkCard.tsx';
import { LivePreview } from './Preview.tsx';

export interface OnAirProps {
  readonly desk: HostDesk;
  readonly hosting: Hosting;
  /** Live: what is being shown. */
  readonly live: Captured | null;
  readonly isRemembered: boolean;
  readonly serverUrl: string;
}

/** What is going on, in one sentence. */
function headline({ phase, sentence, made, total, uploaded, kind }: HostSnapshot): string {
  switch (phase) {
    case 'opening':
      return kind === 'vod' ? 'Looking into the film…' : 'Starting…';
    case 'packaging':
      return `On air. ${Math.floor((100 * made) / (total ?? 1))} % of the film is ready, the rest is being packaged.`;
    case 'sharing':
      if (uploaded !== null && total !== null && uploaded < total) return `On air. The server has ${Math.floor((100 * uploaded) / total)} % of its copy.`;
      return kind === 'vod' ? 'All of the film is ready.' : 'Viewers see what you show.';
    case 'ended':
      return 'This channel is over.';
    case 'failed':
      return sentence ?? 'This channel could not be hosted.';
  }
}

/** Whether the page may be closed, and why. */
function closing(snapshot: HostSnapshot): { readonly isSafe: boolean; readonly sentence: string } {
  const { kind, uploaded, total, leastCopies } = snapshot;
  if (uploaded !== null && uploaded === total) return { isSafe: true, sentence: 'Safe to close: the server has a copy of everything.' };
  if (isSafeToClose(snapshot)) return { isSafe: true, sentence: `Safe to close: the swarm holds ${leastCopies} copies of everything.` };
  if (kind === 'live') return { isSafe: false, sentence: 'Keep this page open: the broadcast ends with it.' };
  const held = leastCopies > 0 ? `Viewers hold ${countOf(leastCopies, 'copy').replace('copys', 'copies')} of everything so far, ${SAFE_COPIES} are safe.` : 'Viewers do not hold all of it yet.';
  return { isSafe: false, sentence: `Keep this page open. ${held}` };
}

function Figures({ snapshot }: { readonly snapshot: HostSnapshot }) {
  const { kind, leastCopies, viewers, upBytesPerSecond, demandBytesPerSecond, sentBytes, madeBytes } = snapshot;
  const carried = demandBytesPerSecond > 0 ? Math.max(0, 1 - upBytesPerSecond / demandBytesPerSecond) : null;
  return (
    <dl className="host__figures tabular">
      <div><dt>Viewers</dt><dd data-testid="viewers">{viewers}</dd></div>
      <div><dt>You send</dt><dd>{formatByteRate(upBytesPerSecond)}</dd></div>
      <div><dt>Viewers take</dt><dd>{formatByteRate(demandBytesPerSecond)}</dd></div>
      <div><dt>They carry</dt><dd>{carried === null ? '–' : formatShare(carried)}</dd></div>
      {kind === 'vod' && <div><dt>Copies they hold</dt><dd data-testid="copies">{leastCopies}</dd></div>}
      <div><dt>Sent so far</dt><dd>{formatBytes(sentBytes)}{madeBytes > 0 && ` of ${formatBytes(madeBytes)}`}</dd></div>
    </dl>
  );
}

export function OnAir({ desk, hosting, live, isRemembered, serverUrl }: OnAirProps) {
  const snapshot = useStore(hosting, (now) => now);
  const { phase, channel, title, isServerReachable, made, total, remark } = snapshot;
  const isOnAir = phase === 'packaging' || phase === 'sharing';
  const { isSafe, sentence } = closing(snapshot);
  return (
    <div className="host__on-air" data-testid="on-air" data-phase={phase}>
      <h2 dir="auto">{isOnAir && <span className="badge badge--live">On air</span>} {title}</h2>
      <p role="status" className={phase === 'failed' ? 'host__trouble' : 'host__headline'} data-testid="headline">{headline(snapshot)}</p>
      {phase === 'packaging' && total !== null && <progress className="host__progress" aria-label="Packaged" value={made} max={total} />}
      {isOnAir && !isServerReachable && <p className="host__trouble">The server cannot be reached. Viewers who are here go on; it is tried again by itself.</p>}
      <div role="status">{isOnAir && remark !== null && <p className="host__note" data-testid="remark">{remark}</p>}</div>
      {isOnAir && channel !== null && (
        <>
          {live !== null && <LivePreview live={live} />}
          <LinkCard link={serverUrl + paths.watch(channel)} title={title} />
          <Figures snapshot={snapshot} />
          <p className="host__safety" data-safe={isSafe} data-testid="safety">{sentence}</p>
          {!isRemembered && <p className="host__note">This browser keeps nothing for this page: closed, the channel cannot come back under this link.</p>}
        </>
      )}
      <div className="host__buttons">
        {isOnAir && <button type="button" className="button" onClick={() => void desk.end()}>End the channel</button>}
        {!isOnAir && phase !== 'opening' && <button type="button" className="button button--strong" onClick={() => void desk.reconsider()}>Host something else</button>}
      </div>
    </div>
  );
}
