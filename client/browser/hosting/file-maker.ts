/**
 * Plans a file and makes its chunks in a worker, so that packaging a film never holds up the page it happens on. One
 * question at a time is answered there; what is wrong with a file comes back as the sentence a person sees.
 */
import { IngestError, type IngestReason } from '#ingest/ingest-error';
import type { SheetLayout } from '#ingest/sheet-layout';
import type { StreamDescription } from '#protocol/description';

export interface MadeChunk {
  readonly bytes: Uint8Array;
  /** Merkle root and leaf hashes (protocol/merkle.ts). */
  readonly root: Uint8Array;
  readonly hashes: Uint8Array;
}

type Question =
  | { readonly ask: 'plan'; readonly file: File }
  | { readonly ask: 'chunk'; readonly index: number }
  | { readonly ask: 'layout' }
  | { readonly ask: 'painted'; readonly at: number }
  | { readonly ask: 'sheet' };
/** To the worker. */
export type FileQuestion = { readonly id: number } & Question;
/** From the worker. `reason` is null for faults of our own. */
export type FileAnswer =
  | { readonly id: number; readonly plan: StreamDescription }
  | { readonly id: number; readonly chunk: MadeChunk }
  | { readonly id: number; readonly layout: SheetLayout | null }
  | { readonly id: number; readonly painted: number }
  | { readonly id: number; readonly sheet: Uint8Array }
  | { readonly id: number; readonly sentence: string; readonly reason: IngestReason | null };

type AnswerTo<Name extends Question['ask']> = Extract<FileAnswer, Readonly<Record<Name, unknown>>>;
const isAnswerTo = <Name extends Question['ask']>(name: Name, answer: FileAnswer): answer is AnswerTo<Name> => name in answer;

interface Waiting {
  resolve(answer: FileAnswer): void;
  reject(error: Error): void;
}

export class FileMaker {
  readonly #worker = new Worker(new URL('./file-worker.ts', import.meta.url), { type: 'module' });
  readonly #waiting = new Map<number, Waiting>();
  #lastId = 0;

  constructor() {
    this.#worker.addEventListener('message', ({ data }: MessageEvent<FileAnswer>) => {
      const waiting = this.#waiting.get(data.id);
      this.#waiting.delete(data.id);
      if ('sentence' in data) waiting?.reject(data.reason === null ? new Error(data.sentence) : new IngestError(data.reason, data.sentence));
      else waiting?.resolve(data);
    });
    this.#worker.addEventListener('error', ({ message }) => this.#failAll(new Error(message || 'The part of the page that packages files could not be loaded.')));
  }

  /** All that can be said of the file's stream before it is packaged. @throws IngestError with the sentence a person sees. */
  async plan(file: File): Promise<StreamDescription> {
    return (await this.#ask({ ask: 'plan', file }, 'plan')).plan;
  }

  /** Made anew each time. @throws IngestError when the file has changed or cannot be read any more. */
  async chunk(index: number): Promise<MadeChunk> {
    return (await this.#ask({ ask: 'chunk', index }, 'chunk')).chunk;
  }

  /** Pictures for the seek bar, painted one by one between other questions; null where this browser cannot. */
  async sheet(): Promise<{ readonly layout: SheetLayout; readonly bytes: Uint8Array } | null> {
    const { layout } = await this.#ask({ ask: 'layout' }, 'layout');
    if (layout === null) return null;
    for (const at of layout.chunks.keys()) await this.#ask({ ask: 'painted', at }, 'painted');
    return { layout, bytes: (await this.#ask({ ask: 'sheet' }, 'sheet')).sheet };
  }

  /** Idempotent; what was asked and not answered fails. */
  close(): void {
    this.#worker.terminate();
    this.#failAll(new Error('Packaging was ended.'));
  }

  async #ask<Name extends Question['ask']>(question: Question, name: Name): Promise<AnswerTo<Name>> {
    const id = ++this.#lastId;
    const answer = await new Promise<FileAnswer>((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#worker.postMessage({ id, ...question });
    });
    if (!isAnswerTo(name, answer)) throw new Error('The worker answered another question.');
    return answer;
  }

  #failAll(error: Error): void {
    for (const waiting of this.#waiting.values()) waiting.reject(error);
    this.#waiting.clear();
  }
}
