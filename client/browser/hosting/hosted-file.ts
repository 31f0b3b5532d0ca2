/**
 * A film hosted from a page: planned, named and signed at once, then packaged chunk by chunk in a worker while it is
 * already being shared. Nothing but description and log leaves for the server unless a server copy is wanted.
 */
import { chunkIndex, streamId, type ChunkIndex } from '#protocol/ids';
import { MAX_PICTURE_BYTES, PIECE_BYTES } from '#protocol/limits';
import { ChunkShelf } from './chunk-shelf.ts';
import { FileMaker, type MadeChunk } from './file-maker.ts';
import { HostedChannel, type HostingOptions, type SourceFigures, type UnnamedDescription } from './hosted-channel.ts';
import { stillOf } from './take-still.ts';

export interface HostedFileOptions extends HostingOptions {
  readonly file: File;
}

/** A file has one stream: picture and sound together. */
const STREAM = streamId(0);

export class HostedFile extends HostedChannel<HostedFileOptions> {
  readonly #maker: FileMaker;
  readonly #shelf: ChunkShelf;

  constructor(options: HostedFileOptions) {
    const maker = new FileMaker();
    const shelf = new ChunkShelf(async (_stream, chunk) => (await maker.chunk(chunk)).bytes);
    const read = async (chunk: ChunkIndex): Promise<Uint8Array> => shelf.get(STREAM, chunk) ?? (await maker.chunk(chunk)).bytes;
    super(options, { keptEntries: Infinity, chunks: shelf, read });
    this.#maker = maker;
    this.#shelf = shelf;
    void this.#run().catch((error: unknown) => this.fail(error));
  }

  protected override closeSource(): void {
    // Viewers go on to be served while the host says goodbye.
    if (this.left.signal.aborted) this.#maker.close();
  }

  protected override figures(): SourceFigures {
    const isWhole = this.made === this.#total && this.#total > 0;
    return {
      kind: 'vod', channel: this.description ? this.options.signer.id : null, total: this.description ? this.#total : null,
      leastCopies: isWhole ? this.leastCopies : 0, remark: null,
    };
  }

  async #run(): Promise<void> {
    const { file } = this.options;
    const stream = await this.#maker.plan(file);
    const description: UnnamedDescription = { kind: 'vod', pieceBytes: PIECE_BYTES, windowChunks: 0, streams: [stream] };
    await this.describe(description, file.name);
    if (this.isOver()) return;
    this.setPhase('packaging');
    let startUs = 0;
    for (const [index, durationUs] of stream.durationsUs.entries()) {
      const chunk = await this.#maker.chunk(index);
      if (this.isOver()) return;
      await this.#share(index, { startUs, durationUs }, chunk);
      startUs += durationUs;
    }
    this.setPhase('sharing');
    // Where nothing of the film is to leave the page, no picture of it does.
    if (this.options.floor === 'server') await this.#addThumbnails(description);
  }

  /** Pictures for the seek bar, when viewers have all else; who comes after that finds them in the description. */
  async #addThumbnails(description: UnnamedDescription): Promise<void> {
    try {
      const painted = await this.#maker.sheet();
      if (painted === null || painted.bytes.length > MAX_PICTURE_BYTES || this.isOver()) return;
      const { every, columns, width, height } = painted.layout;
      const sheet = stillOf(painted.bytes);
      await this.describe({ ...description, thumbnails: { sheet: sheet.facts, stream: STREAM, every, columns, width, height } }, this.options.file.name, sheet);
    } catch {
      return; // An ornament: a film that cannot be decoded here, or a server that is away now, is worth no failure.
    }
  }

  async #share(index: number, place: { readonly startUs: number; readonly durationUs: number }, { bytes, root, hashes }: MadeChunk): Promise<void> {
    // The film's beginning is what the first viewers ask for.
    this.#shelf.put(STREAM, chunkIndex(index), bytes);
    const signed = await this.options.signer.signRecord({
      stream: STREAM, index: chunkIndex(index), ...place, bytes: bytes.length, root, mediaSequence: index, discontinuitySequence: 0, onAirMs: 0,
    });
    if (!this.isOver()) this.share({ signed, hashes });
  }

  get #total(): number {
    return this.description?.streams[0]?.durationsUs.length ?? 0;
  }
}
