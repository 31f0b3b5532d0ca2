/** Why publishing went wrong. The message is the server's sentence, or ours where the server said nothing. */
export type PublishReason =
  /** The server turned the request down, and would do so again. */
  | 'refused'
  /** The channel's log on the server has another chunk, or the chunk no entry. */
  | 'conflict'
  /** There is no room on the server. */
  | 'full'
  /** No answer, or one that says to come again. */
  | 'unreachable'
  /** Given up by whoever asked. */
  | 'cancelled';

export class PublishFailure extends Error {
  override readonly name = 'PublishFailure';
  readonly reason: PublishReason;
  /** HTTP status; 0 where there was no answer. */
  readonly status: number;

  constructor(reason: PublishReason, status: number, sentence: string, cause?: unknown) {
    super(sentence, { cause });
    this.reason = reason;
    this.status = status;
  }
}
