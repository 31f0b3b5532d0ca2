/**
 * Small choices that outlive a visit. A browser may refuse storage altogether (private windows, blocked cookies, a full
 * disk); then a choice simply lasts for the visit.
 */
export interface LocalMemory {
  read(name: string): string | null;
  write(name: string, value: string): void;
  forget(name: string): void;
}

/** `storage` is asked for each time, because in some browsers even touching it throws. */
export function createLocalMemory(storage: () => Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>): LocalMemory {
  const attempt = <T>(action: () => T, otherwise: T): T => {
    try {
      return action();
    } catch {
      return otherwise;
    }
  };
  return {
    read: (name) => attempt(() => storage().getItem(`tributary.${name}`), null),
    write: (name, value) => attempt(() => storage().setItem(`tributary.${name}`, value), undefined),
    forget: (name) => attempt(() => storage().removeItem(`tributary.${name}`), undefined),
  };
}
