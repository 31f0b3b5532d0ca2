/**
 * The status sentence over the picture. The live region stays in the page all the time, because screen readers only
 * follow regions that were there before their text.
 */
import { paths } from '#protocol/paths';
import type { ChannelId } from '#protocol/ids';
import type { WatchStatus } from './watch-status.ts';

export interface StatusOverlayProps {
  readonly status: WatchStatus | null;
  readonly channel: ChannelId | null;
}

export function StatusOverlay({ status, channel }: StatusOverlayProps) {
  return (
    <div className="status" data-tone={status?.tone} data-shown={status !== null}>
      <div role="status" data-testid="status">
        {status !== null && (
          <>
            <p className="status__sentence">{status.tone === 'wait' && <span className="status__pulse" aria-hidden="true" />}{status.sentence}</p>
            {status.advice !== '' && <p className="status__advice">{status.advice}</p>}
          </>
        )}
      </div>
      {status?.offer === 'channels' && <a className="button button--on-video" href="/" target="_top">See the channels</a>}
      {status?.offer === 'plainStream' && channel !== null && (
        <a className="button button--on-video" href={paths.master(channel)}>Open the plain stream</a>
      )}
    </div>
  );
}
