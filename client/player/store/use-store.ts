/** Reads a framework-free store from React. */
import { useSyncExternalStore } from 'react';
import type { Store } from './store.ts';

/**
 * `select` must give the same value for the same state (a primitive, or a part of the state as it is); a component then
 * draws itself again only when that value has changed.
 */
export function useStore<State, Value>(store: Store<State>, select: (state: State) => Value): Value {
  const read = (): Value => select(store.getSnapshot());
  return useSyncExternalStore(store.subscribe, read, read);
}
