// Which page a path stands for.
import { describe, expect, it } from 'vitest';
import { parseRoute } from './route.ts';

const ID = 'k4qz7w2mfx5pbd3ythrn6vjcl2aegs5o';

describe('parseRoute', () => {
  it.each([
    ['/', { page: 'channels' }],
    ['/index.html', { page: 'channels' }],
    [`/watch/${ID}`, { page: 'watch', channel: ID }],
    [`/watch/${ID}/`, { page: 'watch', channel: ID }],
    [`/watch/${ID.toUpperCase()}`, { page: 'watch', channel: ID }],
    [`/embed/${ID}`, { page: 'embed', channel: ID }],
    ['/watch/no-such-thing', { page: 'watch', channel: null }],
    [`/watch/${ID}/more`, { page: 'notFound' }],
    ['/watch/', { page: 'notFound' }],
    ['/constructor', { page: 'notFound' }],
  ])('%s', (path, route) => expect(parseRoute(path)).toEqual(route));
});
