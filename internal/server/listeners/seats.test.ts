import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { openFilesLimit, Seats } from './seats.ts';

describe('openFilesLimit', () => {
  it.each([
    ['Max open files            1024                 524288               files     \n', 1024],
    ['Max processes             1024                 524288               processes \n', undefined],
    ['Max open files            unlimited            unlimited            files     \n', undefined],
    ['', undefined],
  ])('reads %j', (limits, expected) => {
    expect(openFilesLimit(limits)).toBe(expected);
  });
});

describe('Seats', () => {
  it.each([
    ['as many as wanted', 800, 10_000, 800, 900],
    ['as many as wanted, where the system tells no limit', 800, undefined, 800, 900],
    ['no more than leave files to be opened', 800, 600, 400, 450],
    ['as many as the system allows', 0, 1200, 800, 900],
    ['any number', 0, undefined, Infinity, Infinity],
  ])('are %s', (_what, wanted, openFiles, count, most) => {
    const seats = new Seats(wanted, openFiles === undefined ? '' : `Max open files  ${openFiles}  9  files`);
    expect([seats.count, seats.most]).toEqual([count, most]);
  });

  it('are given back by connections that end', () => {
    const seats = new Seats(1, '');
    const sockets = [new EventEmitter(), new EventEmitter()];
    for (const socket of sockets) seats.take(socket as Socket);
    expect([seats.taken, seats.isOver]).toEqual([2, true]);
    sockets[0]?.emit('close');
    expect([seats.taken, seats.isOver]).toEqual([1, false]);
  });
});
