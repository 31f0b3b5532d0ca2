/** Why the data folder cannot be used. The message is one plain sentence made for a person. */
export type StoreReason = 'unwritable' | 'diskFull' | 'newer' | 'damaged' | 'keyTaken';

export class StoreError extends Error {
  override readonly name = 'StoreError';
  readonly reason: StoreReason;

  constructor(reason: StoreReason, sentence: string, cause?: unknown) {
    super(sentence, { cause });
    this.reason = reason;
  }
}
