/** The viewer of this page, and parts of its state. The page's root provides it once; nothing below passes it on. */
import { createContext, useContext } from 'react';
import type { Viewer } from '#browser/viewer-api';
import type { WatchSnapshot } from '#browser/watch-snapshot';
import { useStore } from './use-store.ts';

/** What components may do with a viewer; opening, attaching and closing are the page's own business. */
export type PageViewer = Pick<Viewer, 'getSnapshot' | 'subscribe' | 'setLevel' | 'setSound' | 'jumpToLive'>;

export const ViewerContext = createContext<PageViewer | null>(null);

/** @throws Error outside a `ViewerContext`. */
export function usePageViewer(): PageViewer {
  const viewer = useContext(ViewerContext);
  if (viewer === null) throw new Error('This component belongs inside a ViewerContext.');
  return viewer;
}

/** A part of the viewer's state; see `useStore` for what `select` may give. */
export function useViewer<Value>(select: (state: WatchSnapshot) => Value): Value {
  return useStore(usePageViewer(), select);
}
