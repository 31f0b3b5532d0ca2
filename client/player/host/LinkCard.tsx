/** The watch link and every way to hand it on: copied, photographed, or through the device's own share sheet. */
import { encode } from 'uqr';
import { useMemo } from 'react';
import { ShareLink } from '../watch/ShareLink.tsx';

/** Modules of light around a code, as its standard wants it (ISO/IEC 18004). */
const QUIET = 4;

/** Dark on light in every colour scheme: cameras want it so. */
function QrCode({ text }: { readonly text: string }) {
  const { path, size } = useMemo(() => {
    const { data, size: cells } = encode(text, { border: QUIET });
    const squares = data.flatMap((row, y) => row.flatMap((isDark, x) => (isDark ? [`M${x} ${y}h1v1h-1z`] : [])));
    return { path: squares.join(''), size: cells };
  }, [text]);
  return (
    <svg className="host__qr" viewBox={`0 0 ${size} ${size}`} role="img" aria-label="The link as a QR code" shapeRendering="crispEdges">
      <rect width={size} height={size} fill="#fff" />
      <path d={path} fill="#000" />
    </svg>
  );
}

export function LinkCard({ link, title }: { readonly link: string; readonly title: string }) {
  // Not in every browser, whatever the types say.
  const share = (navigator as { share?: (data: { title: string; url: string }) => Promise<void> }).share?.bind(navigator);
  return (
    <div className="host__link">
      <QrCode text={link} />
      <div>
        <p>Anybody with this link can watch:</p>
        <p><a href={link} target="_blank" rel="noreferrer" data-testid="watch-link">{link}</a></p>
        <div className="host__buttons">
          <ShareLink link={link} />
          {share && <button type="button" className="button" onClick={() => void share({ title, url: link }).catch(() => undefined)}>Share…</button>}
        </div>
      </div>
    </div>
  );
}
