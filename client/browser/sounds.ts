/** The sounds of a channel, of which a viewer hears one: languages and commentaries, each a stream of its own. */
import type { ChannelDescription, StreamDescription } from '#protocol/description';
import type { SoundStream, NamedStream } from './watch-snapshot.ts';

export type PickSound = <T extends NamedStream>(sounds: readonly T[]) => T | undefined;

const isSound = ({ kind }: StreamDescription): boolean => kind === 'audio';

/** The same with the sound that is wanted before the others: players and engine begin with the first. */
export function withFirstSound(description: ChannelDescription, pick: PickSound | undefined): ChannelDescription {
  const sounds = description.streams.filter(isSound);
  const first = sounds.length > 1 ? pick?.(sounds) : undefined;
  if (first === undefined) return description;
  const ordered = [first, ...sounds.filter((sound) => sound !== first)];
  return { ...description, streams: description.streams.map((stream) => (isSound(stream) ? ordered.shift()! : stream)) };
}

/** In the publisher's order; that of the picture where none is a stream of its own. */
export function soundsOf({ streams }: ChannelDescription): SoundStream[] {
  const apart = streams.filter(isSound).sort((a, b) => a.id - b.id);
  const sounds = apart.length > 0 ? apart : streams.filter(({ kind }) => kind === 'muxed').slice(0, 1);
  return sounds.map(({ id, language, name }) => ({ stream: id, language, name }));
}
