/** What can be wrong with a file that someone wants to host. The message is one plain sentence made for a person. */

export type IngestReason =
  | 'missing'
  | 'notMedia'
  | 'unsupportedCodec'
  | 'damaged'
  | 'chunkTooLarge'
  | 'badPlaylist'
  | 'noFfmpeg'
  | 'unreachable'
  | 'forbiddenAddress'
  | 'portTaken'
  | 'diskFull'
  | 'unwritable';

export class IngestError extends Error {
  override readonly name = 'IngestError';
  readonly reason: IngestReason;

  constructor(reason: IngestReason, sentence: string, cause?: unknown) {
    super(sentence, { cause });
    this.reason = reason;
  }
}

/** The `code` of a system error, such as ENOENT; undefined for anything else. */
export function systemCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** A failure to write below the data folder as a sentence; what is no such failure comes back as it was. */
export function asWriteError(error: unknown, folder: string): unknown {
  const code = systemCode(error);
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new IngestError('diskFull', `The disk that holds ${folder} is full: free some space or choose another folder with --data.`, error);
  }
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS' || code === 'ENOTDIR') {
    return new IngestError('unwritable', `The data folder ${folder} cannot be written to: choose another with --data.`, error);
  }
  return error;
}
