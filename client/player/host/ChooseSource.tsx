/** What to host: a film that is dropped or chosen, or one of an earlier visit. */
import { useRef, useState, type DragEvent } from 'react';
import { missingFor, type LiveKind } from '#browser/hosting/capture';
import type { KeptHosting } from '#browser/hosting/hosting-memory';
import type { HostDesk } from './host-desk.ts';
import { droppedFile, hasPicker, pickFile } from './pick-file.ts';

export interface ChooseSourceProps {
  readonly desk: HostDesk;
  readonly kept: readonly KeptHosting[];
  readonly notice: string | null;
}

function Earlier({ desk, kept }: Pick<ChooseSourceProps, 'desk' | 'kept'>) {
  if (kept.length === 0) return null;
  return (
    <section className="host__earlier" aria-labelledby="earlier">
      <h2 id="earlier">On air before</h2>
      <ul>
        {kept.map((one) => (
          <li key={one.channel}>
            <span dir="auto">{one.title}</span>
            <span className="host__buttons">
              <button type="button" className="button" onClick={() => void desk.resume(one)}>Go on air again</button>
              <button type="button" className="button" onClick={() => void desk.forget(one)}>Forget it</button>
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function FilmDrop({ desk }: Pick<ChooseSourceProps, 'desk'>) {
  const field = useRef<HTMLInputElement>(null);
  const [isOver, setOver] = useState(false);
  const drop = (event: DragEvent): void => {
    event.preventDefault();
    setOver(false);
    void droppedFile(event.dataTransfer).then((chosen) => chosen && desk.chooseFile(chosen));
  };
  const choose = (): void => {
    if (!hasPicker(window as Parameters<typeof hasPicker>[0])) field.current?.click();
    else void pickFile(window as Parameters<typeof pickFile>[0]).then((chosen) => chosen && desk.chooseFile(chosen));
  };
  return (
    <section
      className="host__drop" data-over={isOver} data-testid="drop" aria-labelledby="film"
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <h2 id="film">A film</h2>
      <p>Drop it here. It stays on this computer: viewers get it from this page and from each other.</p>
      <button type="button" className="button button--strong" onClick={choose}>Choose a film</button>
      <input
        ref={field} type="file" accept="video/*,audio/*,.mkv,.ts" className="visually-hidden" tabIndex={-1} aria-label="Film" data-testid="film-field"
        onChange={({ currentTarget: { files } }) => {
          const file = files?.[0];
          if (file) desk.chooseFile({ file, handle: null });
        }}
      />
    </section>
  );
}

const LIVE: Readonly<Record<LiveKind, { readonly name: string; readonly words: string; readonly button: string }>> = {
  camera: { name: 'Your camera', words: 'Live, with sound. Viewers are a few seconds behind you.', button: 'Use the camera' },
  screen: { name: 'Your screen', words: 'All of it, a window or a tab; live, with its sound or your voice.', button: 'Show the screen' },
  both: { name: 'Your screen and you', words: 'The screen, with your camera in its corner and your voice.', button: 'Show screen and camera' },
};

function LiveCard({ desk, from }: { readonly desk: HostDesk; readonly from: LiveKind }) {
  const missing = missingFor(from);
  const { name, words, button } = LIVE[from];
  return (
    <section className="host__drop" aria-label={name}>
      <h2>{name}</h2>
      <p>{missing ?? words}</p>
      {missing === null && <button type="button" className="button button--strong" onClick={() => void desk.chooseLive(from)}>{button}</button>}
    </section>
  );
}

export function ChooseSource({ desk, kept, notice }: ChooseSourceProps) {
  return (
    <>
      <div role="status">{notice !== null && <p className="host__trouble">{notice}</p>}</div>
      <div className="host__sources"><FilmDrop desk={desk} /><LiveCard desk={desk} from="camera" /><LiveCard desk={desk} from="screen" /><LiveCard desk={desk} from="both" /></div>
      <Earlier desk={desk} kept={kept} />
    </>
  );
}
