/** The bench itself could not measure; a missed target is no error. The message is for the person who started it. */
export class BenchError extends Error {
  override readonly name = 'BenchError';
}
