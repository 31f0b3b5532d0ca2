/** The live badge in the controls: says how far behind live the picture is, and jumps to live. */
import { formatSeconds } from '../format/durations.ts';
import { usePageViewer, useViewer } from '../store/use-viewer.ts';
import { liveLag } from './live-lag.ts';

export function LiveButton() {
  const viewer = usePageViewer();
  const lag = liveLag(useViewer((state) => state.swarm));
  if (lag === null) return null;
  const behind = lag.behindMs === null ? null : `${formatSeconds(lag.behindMs)} behind`;
  return (
    <button
      type="button" className="live-button" data-at-live={lag.isAtLive} data-testid="live-button"
      onClick={() => viewer.jumpToLive()}
    >
      <span className="live-button__dot" aria-hidden="true" />
      <span>Live</span>
      {behind !== null && <span className="live-button__lag tabular">{behind}</span>}
      <span className={lag.isAtLive ? 'visually-hidden' : 'live-button__jump'}>Jump to live</span>
    </button>
  );
}
