import { describe, expect, it } from 'vitest';
import { chunkIndex, streamId } from '#protocol/ids';
import { paths } from '#protocol/paths';
import { routeOf } from './route.ts';
import { VOD_ID } from './testing/fake-channel.ts';

const id = VOD_ID;

describe('every path of the protocol leads where it says', () => {
  it.each([
    [paths.channels, { to: 'channels' }],
    [paths.watch(id), { to: 'page', watch: id, isEmbeddable: false }],
    [`/embed/${id}?p2p=off`, { to: 'page', watch: id, isEmbeddable: true }],
    [paths.description(id), { to: 'description', channel: id }],
    [paths.master(id), { to: 'master', channel: id }],
    [paths.playlist(id, streamId(3)), { to: 'playlist', channel: id, stream: 3 }],
    [paths.init(id, streamId(0)), { to: 'init', channel: id, stream: 0, from: 0 }],
    [`/channels/${id}/0/init-12.mp4`, { to: 'init', channel: id, stream: 0, from: 12 }],
    [paths.records(id, streamId(0), 'newest', 10), { to: 'records', channel: id, stream: 0, first: 'newest', count: 10 }],
    [paths.records(id, streamId(0), chunkIndex(5), 999), { to: 'records', channel: id, stream: 0, first: 5, count: 64 }],
    [paths.chunk(id, streamId(1), chunkIndex(77), 'm4s'), { to: 'chunk', channel: id, stream: 1, index: 77, extension: 'm4s' }],
    ['/', { to: 'page', watch: undefined, isEmbeddable: false }],
    ['/host', { to: 'page', watch: undefined, isEmbeddable: false }],
    ['/operator', { to: 'page', watch: undefined, isEmbeddable: false }],
    ['/assets/a.js', { to: 'asset', path: '/assets/a.js' }],
  ])('%s', (path, route) => {
    expect(routeOf(path)).toEqual(route);
  });
});

describe('what is not a path of ours leads nowhere', () => {
  it.each([
    `/channels/${id}`,
    `/channels/${id}/0/../1/0.m4s`,
    `/channels/${id.toUpperCase()}/description`,
    `/channels/${id}/0/0.exe`,
    `/channels/${id}/0/-1.m4s`,
    `/channels/${id}/0/0.m4s/x`,
    `/channels/${id}/9999/0.m4s`,
    `/channels/${id}/0/99999999999.m4s`,
    `/channels/${id}/0/records?count=x`,
    `/channels/${id}/0/records?first=-1`,
    '/api/other',
    '/watch/a/b/c',
    '/constructor',
  ])('%s', (path) => {
    const route = routeOf(path);
    expect(['missing', 'asset']).toContain(route.to);
  });
});
