/** A state that pages read and follow, whoever keeps it: the viewer, the list of channels, the consent, the theme. */
export interface Store<State> {
  /** The same object until something changes. */
  readonly getSnapshot: () => State;
  /** Calls `listener` at each change; the answer ends that. */
  readonly subscribe: (listener: () => void) => () => void;
}
