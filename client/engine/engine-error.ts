/** The engine's one error class: thrown only for broken invariants, which are faults of our own, never of a peer. */
export type EngineFault = 'duplicateLink' | 'unknownStream' | 'pieceOutOfRange';

export class EngineError extends Error {
  override readonly name = 'EngineError';
  readonly fault: EngineFault;

  constructor(fault: EngineFault, detail: string, cause?: unknown) {
    super(`${fault}: ${detail}`, { cause });
    this.fault = fault;
  }
}
