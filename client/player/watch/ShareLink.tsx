/**
 * Copies the link of this channel. Clipboards are closed on plain-HTTP pages, as on a home network; there the link
 * appears in a field, selected and ready to be copied by hand.
 */
import { useState } from 'react';

type Outcome = 'none' | 'copied' | 'byHand';

export function ShareLink({ link }: { readonly link: string }) {
  const [outcome, setOutcome] = useState<Outcome>('none');
  const copy = (): void => {
    // Absent on plain-HTTP pages, whatever the types say.
    const clipboard = navigator.clipboard as Clipboard | undefined;
    if (clipboard === undefined) {
      setOutcome('byHand');
      return;
    }
    clipboard.writeText(link).then(() => setOutcome('copied'), () => setOutcome('byHand'));
  };
  return (
    <div className="share-link">
      <button type="button" className="button" onClick={copy}>{outcome === 'copied' ? 'Link copied' : 'Copy link'}</button>
      <span role="status" className="visually-hidden">{outcome === 'copied' ? 'The link has been copied.' : ''}</span>
      {outcome === 'byHand' && (
        <input
          className="share-link__field" aria-label="Link to this channel" readOnly value={link} autoFocus
          onFocus={(event) => event.currentTarget.select()}
        />
      )}
    </div>
  );
}
