/** Why a host's request is turned down: the status and the sentence it gets, and headers that help it to do better. */
import type { OutgoingHttpHeaders } from 'node:http';

export class PublishError extends Error {
  override readonly name = 'PublishError';
  readonly status: number;
  readonly headers: OutgoingHttpHeaders;

  constructor(status: number, sentence: string, headers: OutgoingHttpHeaders = {}) {
    super(sentence);
    this.status = status;
    this.headers = headers;
  }
}
