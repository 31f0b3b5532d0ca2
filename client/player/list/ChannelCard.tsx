/** One channel in the list: the whole card is a link to its watch page. */
import { paths, type ChannelListing } from '#protocol/paths';
import { formatBitRate } from '../format/bytes.ts';
import { formatClock } from '../format/durations.ts';
import { countOf, formatShare } from '../format/shares.ts';
import { ChannelArtwork } from '../artwork/ChannelArtwork.tsx';
import { ShareBar } from '../shell/ShareBar.tsx';

/** A share needs somebody to share with. */
const isShared = ({ viewers, offloadRatio }: ChannelListing): boolean => viewers > 1 && offloadRatio !== null;

function audience(channel: ChannelListing): string {
  const { viewers, offloadRatio } = channel;
  if (viewers === 0) return 'Nobody watching yet';
  const watching = `${countOf(viewers, 'viewer')} now`;
  return isShared(channel) ? `${watching}, ${formatShare(offloadRatio ?? 0)} from each other` : watching;
}

export function ChannelCard({ channel }: { readonly channel: ChannelListing }) {
  const { kind, durationSeconds } = channel;
  return (
    <li className="channel-card">
      <a className="channel-card__link" href={paths.watch(channel.id)}>
        <span className="channel-card__picture">
          <ChannelArtwork id={channel.id} />
          {channel.poster !== null && <img className="channel-card__poster" src={channel.poster} alt="" loading="lazy" />}
          {kind === 'live' && <span className="badge badge--live">Live</span>}
          {kind === 'vod' && durationSeconds !== null && (
            <span className="badge badge--length tabular">
              <span className="visually-hidden">Length </span>{formatClock(durationSeconds)}
            </span>
          )}
        </span>
        <span className="channel-card__title" dir="auto">{channel.title}</span>
        <span className="channel-card__audience tabular">{audience(channel)}</span>
        {isShared(channel) && <ShareBar ratio={channel.offloadRatio ?? 0} />}
        <span className="channel-card__facts tabular">
          {channel.height > 0 ? `${channel.height}p, ` : ''}{formatBitRate(channel.bitrate)}
        </span>
      </a>
    </li>
  );
}
