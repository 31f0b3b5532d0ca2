/** A look at what was chosen, and the few things to decide before it is on air. */
import { useEffect, useId, useRef, useState, type SubmitEvent } from 'react';
import type { KeptHosting } from '#browser/hosting/hosting-memory';
import { MAX_TITLE_CHARS } from '#protocol/limits';
import type { ChosenFile, HostDesk } from './host-desk.ts';

export interface PrepareProps {
  readonly desk: HostDesk;
  readonly source: ChosenFile;
  readonly resumed: KeptHosting | null;
}

function FilePreview({ file }: { readonly file: File }) {
  const video = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    const url = URL.createObjectURL(file);
    if (video.current) video.current.src = url;
    return () => URL.revokeObjectURL(url);
  }, [file]);
  return <video ref={video} className="host__preview" controls muted playsInline preload="metadata" aria-label="Preview" data-testid="preview" />;
}

/** A file's name without its ending, as people would write it. */
const titleOf = (name: string): string => name.replace(/\.[a-z0-9]{2,5}$/i, '').replaceAll('_', ' ').slice(0, MAX_TITLE_CHARS);

export function Prepare({ desk, source, resumed }: PrepareProps) {
  const [title, setTitle] = useState(resumed?.title ?? titleOf(source.file.name));
  const [hasCopy, setCopy] = useState(resumed?.floor === 'server');
  const [isListed, setListed] = useState(resumed?.isListed ?? true);
  const ids = { title: useId(), copy: useId(), listed: useId() };
  const start = (event: SubmitEvent): void => {
    event.preventDefault();
    void desk.start({ title: title.trim() || titleOf(source.file.name), floor: hasCopy ? 'server' : 'peers', isListed });
  };
  return (
    <form className="host__prepare" onSubmit={start}>
      <FilePreview file={source.file} />
      <div className="host__fields">
        {resumed !== null && <p className="host__note">This film was on air before: it gets the same link again.</p>}
        <label className="host__field" htmlFor={ids.title}>
          <span>Title</span>
          <input id={ids.title} value={title} maxLength={MAX_TITLE_CHARS} dir="auto" required onChange={(event) => setTitle(event.currentTarget.value)} />
        </label>
        <label className="host__check" htmlFor={ids.copy}>
          <input id={ids.copy} type="checkbox" checked={hasCopy} onChange={(event) => setCopy(event.currentTarget.checked)} />
          <span><strong>Keep a copy on the server.</strong> It can be watched when you are gone. Without it nothing of the film leaves this page but to viewers.</span>
        </label>
        <label className="host__check" htmlFor={ids.listed}>
          <input id={ids.listed} type="checkbox" checked={isListed} onChange={(event) => setListed(event.currentTarget.checked)} />
          <span><strong>Show it on the first page.</strong> Without it only people with the link find it.</span>
        </label>
        <div className="host__buttons">
          <button type="submit" className="button button--strong">Go on air</button>
          <button type="button" className="button" onClick={() => void desk.reconsider()}>Choose something else</button>
        </div>
      </div>
    </form>
  );
}
