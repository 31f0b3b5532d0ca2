/** The worker behind FileMaker: one file, planned once, its chunks made and hashed as they are asked for. */
import { sha256 } from '@noble/hashes/sha2.js';
import { BlobSource } from 'mediabunny';
import { digestChunk } from '#ingest/digest-chunk';
import { IngestError } from '#ingest/ingest-error';
import { openMedia, type MediaFile } from '#ingest/media-file';
import type { FileAnswer, FileQuestion } from './file-maker.ts';
import { makeChunk, planFile, type FilePlan } from './plan-file.ts';
import { SheetPainter } from './sheet-painter.ts';

/** The worker's own side of its port; the library that declares it does not go together with that of pages. */
interface WorkerPort {
  onmessage: ((event: MessageEvent<FileQuestion>) => void) | null;
  postMessage(answer: FileAnswer, transfer?: Transferable[]): void;
}

const port = globalThis as unknown as WorkerPort;
interface OpenedFile {
  readonly file: MediaFile;
  readonly plan: FilePlan;
}

let opened: OpenedFile | undefined;
/** Questions are answered in turn: the file is read by one of them at a time. */
let turn: Promise<void> = Promise.resolve();

let painter: SheetPainter | null = null;

/** Questions about the pictures for the seek bar. */
async function paint(question: Exclude<FileQuestion, { ask: 'plan' | 'chunk' }>, { file, plan }: OpenedFile): Promise<void> {
  const { id } = question;
  if (question.ask === 'layout') {
    painter = await SheetPainter.of(file, plan);
    port.postMessage({ id, layout: painter?.layout ?? null });
    return;
  }
  if (painter === null) throw new Error('No pictures are being painted.');
  if (question.ask === 'painted') {
    await painter.paint(question.at);
    port.postMessage({ id, painted: question.at });
    return;
  }
  const sheet = await painter.sheet();
  painter = null;
  port.postMessage({ id, sheet }, [sheet.buffer]);
}

async function answer(question: FileQuestion): Promise<void> {
  const { id } = question;
  try {
    if (question.ask === 'plan') {
      const file = await openMedia({ source: new BlobSource(question.file) }, question.file.name);
      const plan = await planFile(file);
      opened = { file, plan };
      port.postMessage({ id, plan: plan.stream });
      return;
    }
    if (!opened) throw new Error('No file is open.');
    if (question.ask !== 'chunk') {
      await paint(question, opened);
      return;
    }
    // A buffer of its own, so that it can be handed over without a copy.
    const bytes = new Uint8Array(await makeChunk(opened.file, opened.plan, question.index));
    const { root, hashes } = digestChunk(bytes, sha256);
    port.postMessage({ id, chunk: { bytes, root, hashes } }, [bytes.buffer]);
  } catch (error) {
    const sentence = error instanceof Error ? error.message : String(error);
    const isUnreadable = error instanceof DOMException && error.name === 'NotReadableError';
    if (isUnreadable) port.postMessage({ id, reason: 'missing', sentence: 'The file was changed, moved or removed since it was chosen. Choose it again.' });
    else port.postMessage({ id, reason: error instanceof IngestError ? error.reason : null, sentence });
  }
}

port.onmessage = ({ data }) => {
  turn = turn.then(() => answer(data));
};
