/** Off, download only, on: takes effect at once. Without WebRTC it says so instead of pretending. */
import type { P2pMode } from '#engine/viewer-snapshot';
import type { ConsentStore } from '../consent/consent-store.ts';
import { useStore } from '../store/use-store.ts';

const CHOICES: readonly { readonly mode: P2pMode; readonly name: string }[] = [
  { mode: 'off', name: 'Off' },
  { mode: 'download', name: 'Download only' },
  { mode: 'on', name: 'On' },
];

const MEANING: Readonly<Record<P2pMode, string>> = {
  off: 'Everything comes from the server.',
  download: 'You receive from other viewers and upload nothing.',
  on: 'You receive from other viewers and pass on to them.',
};

export function P2pSwitch({ consent }: { readonly consent: ConsentStore }) {
  const { mode, hasWebRtc } = useStore(consent, (state) => state);
  if (!hasWebRtc) {
    return <p className="p2p-switch__meaning" data-testid="p2p-switch">This browser has no WebRTC, so everything comes from the server.</p>;
  }
  return (
    <fieldset className="p2p-switch" data-testid="p2p-switch">
      <legend>Sharing with viewers</legend>
      <div className="p2p-switch__choices">
        {CHOICES.map((choice) => (
          <label key={choice.mode}>
            <input
              type="radio" name="p2p" value={choice.mode} checked={mode === choice.mode}
              onChange={() => consent.choose(choice.mode)}
            />
            <span>{choice.name}</span>
          </label>
        ))}
      </div>
      <p className="p2p-switch__meaning">{MEANING[mode]}</p>
    </fieldset>
  );
}
