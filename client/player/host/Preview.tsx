/** What is about to be, or is being shown, without sound: the host hears it already. */
import { useEffect, useRef } from 'react';
import type { Captured } from '#browser/hosting/capture';

interface LiveVideoProps {
  readonly stream: MediaStream;
  readonly className: string;
  readonly label: string;
  readonly id: string;
}

function LiveVideo({ stream, className, label, id }: LiveVideoProps) {
  const video = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    const element = video.current;
    if (element === null) return undefined;
    element.srcObject = stream;
    void element.play().catch(() => undefined); // A browser that wants a click first shows a still.
    return () => {
      element.srcObject = null;
    };
  }, [stream]);
  return <video ref={video} className={className} muted playsInline aria-label={label} data-testid={id} />;
}

export function LivePreview({ live: { stream, inset } }: { readonly live: Captured }) {
  return (
    <div className="host__stage">
      <LiveVideo stream={stream} className="host__preview" label="Preview" id="preview" />
      {inset !== null && <LiveVideo stream={inset} className="host__inset" label="Your camera, in the corner" id="inset" />}
    </div>
  );
}

export function FilmPreview({ file }: { readonly file: File }) {
  const video = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    const url = URL.createObjectURL(file);
    if (video.current !== null) video.current.src = url;
    return () => URL.revokeObjectURL(url);
  }, [file]);
  return <video ref={video} className="host__preview" controls muted playsInline preload="metadata" aria-label="Preview" data-testid="preview" />;
}
