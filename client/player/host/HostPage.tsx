/** The /host page: choose a source, say a few things about it, and be on air. */
import type { Store } from '../store/store.ts';
import { useStore } from '../store/use-store.ts';
import { usePageTitle } from '../shell/use-page-title.ts';
import { ChooseSource } from './ChooseSource.tsx';
import type { HostDesk } from './host-desk.ts';
import { OnAir } from './OnAir.tsx';
import { Prepare } from './Prepare.tsx';
import './host.css';

/** Words for a page that cannot host here at all; null where it can. */
function missingFrom(window: Window): string | null {
  if (!('RTCPeerConnection' in window)) return 'This browser has no WebRTC, and without it nothing can be shared from a page. Try a current Chrome, Edge, Firefox or Safari.';
  if (!('Worker' in window)) return 'This browser lets pages start no workers, which packaging a film needs. Try a current Chrome, Edge, Firefox or Safari.';
  return null;
}

function Step({ desk, serverUrl }: { readonly desk: HostDesk; readonly serverUrl: string }) {
  const state = useStore(desk as Store<ReturnType<HostDesk['getSnapshot']>>, (now) => now);
  if (state.step === 'choose') return <ChooseSource desk={desk} kept={state.kept} notice={state.notice} />;
  if (state.step === 'prepare') return <Prepare desk={desk} source={state.source} resumed={state.resumed} />;
  return <OnAir desk={desk} hosting={state.hosting} live={state.live} isRemembered={state.isRemembered} serverUrl={serverUrl} />;
}

export function HostPage({ desk, serverUrl }: { readonly desk: HostDesk; readonly serverUrl: string }) {
  usePageTitle('Host a channel');
  const missing = missingFrom(window);
  return (
    <div className="host">
      <h1>Host a channel</h1>
      {missing === null ? <Step desk={desk} serverUrl={serverUrl} /> : <p className="host__trouble" role="alert">{missing}</p>}
    </div>
  );
}
