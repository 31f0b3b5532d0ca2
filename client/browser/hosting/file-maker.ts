/**
 * Plans a file and makes its chunks in a worker, so that packaging a film never holds up the page it happens on. One
 * question at a time is answered there; what is wrong with a file comes back as the sentence a person sees.
 */
import { IngestError, type IngestReason } from '#ingest/ingest-error';
import type { StreamDescription } from '#protocol/description';

export interface MadeChunk {
  readonly bytes: Uint8Array;
  /** Merkle root and leaf hashes (protocol/merkle.ts). */
  readonly root: Uint8Array;
  readonly hashes: Uint8Array;
}

type Question = { readonly ask: 'plan'; readonly file: File } | { readonly ask: 'chunk'; readonly index: number };
/** To the worker. */
export type FileQuestion = { readonly id: number } & Question;
/** From the worker. `reason` is null for faults of our own. */
export type FileAnswer =
  | { readonly id: number; readonly plan: StreamDescription }
  | { readonly id: number; readonly chunk: MadeChunk }
  | { readonly id: number; readonly sentence: string; readonly reason: IngestReason | null };

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
    const answer = await this.#ask({ ask: 'plan', file });
    if (!('plan' in answer)) throw new Error('The worker answered another question.');
    return answer.plan;
  }

  /** Made anew each time. @throws IngestError when the file has changed or cannot be read any more. */
  async chunk(index: number): Promise<MadeChunk> {
    const answer = await this.#ask({ ask: 'chunk', index });
    if (!('chunk' in answer)) throw new Error('The worker answered another question.');
    return answer.chunk;
  }

  /** Idempotent; what was asked and not answered fails. */
  close(): void {
    this.#worker.terminate();
    this.#failAll(new Error('Packaging was ended.'));
  }

  async #ask(question: Question): Promise<FileAnswer> {
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#worker.postMessage({ id, ...question });
    });
  }

  #failAll(error: Error): void {
    for (const waiting of this.#waiting.values()) waiting.reject(error);
    this.#waiting.clear();
  }
}
