/** A look at what was chosen, and the few things to decide before it is on air. */
import { useId, useState, type SubmitEvent } from 'react';
import type { KeptHosting } from '#browser/hosting/hosting-memory';
import { MAX_TITLE_CHARS } from '#protocol/limits';
import type { ChosenSource, HostDesk } from './host-desk.ts';
import { FilmPreview, LivePreview } from './Preview.tsx';

export interface PrepareProps {
  readonly desk: HostDesk;
  readonly source: ChosenSource;
  readonly resumed: KeptHosting | null;
}

/** Lengths of a live chunk, ms, and what they mean to people. */
const DELAYS = [
  { chunkMs: 1000, words: 'Close: viewers are about 2.5 seconds behind' },
  { chunkMs: 2000, words: 'Calm: about 3.5 seconds behind, for slower lines' },
] as const;

/** A file's name without its ending, as people would write it. */
const titleOf = (name: string): string => name.replace(/\.[a-z0-9]{2,5}$/i, '').replaceAll('_', ' ').slice(0, MAX_TITLE_CHARS);

function firstTitle(source: ChosenSource): string {
  if (source.kind === 'file') return titleOf(source.file.name);
  return source.from === 'camera' ? 'Live from my camera' : 'Live from my screen';
}

function Check({ isChecked, onChange, name, words }: { readonly isChecked: boolean; readonly onChange: (isChecked: boolean) => void; readonly name: string; readonly words: string }) {
  const id = useId();
  return (
    <label className="host__check" htmlFor={id}>
      <input id={id} type="checkbox" checked={isChecked} onChange={(event) => onChange(event.currentTarget.checked)} />
      <span><strong>{name}</strong> {words}</span>
    </label>
  );
}

export function Prepare({ desk, source, resumed }: PrepareProps) {
  const isLive = source.kind === 'live';
  const [title, setTitle] = useState(resumed?.title ?? firstTitle(source));
  const [hasCopy, setCopy] = useState(resumed ? resumed.floor === 'server' : isLive);
  const [isListed, setListed] = useState(resumed?.isListed ?? true);
  const [chunkMs, setChunkMs] = useState<number>(DELAYS[0].chunkMs);
  const [titleId, delayId] = [useId(), useId()];
  const start = (event: SubmitEvent): void => {
    event.preventDefault();
    void desk.start({ title: title.trim() || firstTitle(source), floor: hasCopy ? 'server' : 'peers', isListed, chunkMs });
  };
  return (
    <form className="host__prepare" onSubmit={start}>
      {source.kind === 'file' ? <FilmPreview file={source.file} /> : <LivePreview live={source} />}
      <div className="host__fields">
        {resumed !== null && <p className="host__note">This film was on air before: it gets the same link again.</p>}
        <label className="host__field" htmlFor={titleId}>
          <span>Title</span>
          <input id={titleId} value={title} maxLength={MAX_TITLE_CHARS} dir="auto" required onChange={(event) => setTitle(event.currentTarget.value)} />
        </label>
        {isLive && (
          <label className="host__field" htmlFor={delayId}>
            <span>Delay</span>
            <select id={delayId} value={chunkMs} onChange={(event) => setChunkMs(Number(event.currentTarget.value))}>
              {DELAYS.map((delay) => <option key={delay.chunkMs} value={delay.chunkMs}>{delay.words}</option>)}
            </select>
          </label>
        )}
        {isLive ? (
          <Check isChecked={hasCopy} onChange={setCopy} name="Let the server help out." words="It keeps the last seconds for viewers whom nobody else serves in time." />
        ) : (
          <Check
            isChecked={hasCopy} onChange={setCopy} name="Keep a copy on the server."
            words="It can be watched when you are gone. Without it nothing of the film leaves this page but to viewers."
          />
        )}
        <Check isChecked={isListed} onChange={setListed} name="Show it on the first page." words="Without it only people with the link find it." />
        <div className="host__buttons">
          <button type="submit" className="button button--strong">Go on air</button>
          <button type="button" className="button" onClick={() => void desk.reconsider()}>Choose something else</button>
        </div>
      </div>
    </form>
  );
}
