/** What is about to be, or is being shown, without sound: the host hears it already. */
import { useEffect, useRef } from 'react';

export function Preview({ media }: { readonly media: File | MediaStream }) {
  const video = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    const element = video.current;
    if (element === null) return undefined;
    if (media instanceof MediaStream) {
      element.srcObject = media;
      void element.play().catch(() => undefined); // A browser that wants a click first has controls for it.
      return () => (element.srcObject = null);
    }
    const url = URL.createObjectURL(media);
    element.src = url;
    return () => URL.revokeObjectURL(url);
  }, [media]);
  return <video ref={video} className="host__preview" controls={!(media instanceof MediaStream)} muted playsInline preload="metadata" aria-label="Preview" data-testid="preview" />;
}
