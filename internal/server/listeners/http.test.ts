import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { Exchange } from '../../http/index.ts';
import { RawConnection } from '../../http/raw-client.suite.ts';
import type { TlsPair } from '../tls.ts';
import { openListener, type Listener, type ListenerOptions } from './http.ts';
import { Seats } from './seats.ts';

const SURROUNDINGS = {
  ticks: () => 0,
  newRequestId: () => 'id',
  addressOf: () => '',
  siteOf: () => '',
  onBodyBytes: () => undefined,
};

describe('openListener', () => {
  const open: Listener[] = [];
  afterEach(async () => {
    for (const listener of open.splice(0)) {
      listener.cut();
      await listener.drain();
    }
  });

  const listen = async (options: Partial<ListenerOptions> = {}): Promise<Listener> => {
    const listener = await openListener({
      address: '127.0.0.1',
      port: 0,
      tls: undefined,
      inactivity: { readMs: 30_000, writeMs: 30_000, idleMs: 30_000 },
      maxHeaderBytes: 16_384,
      shared: false,
      seats: new Seats(0),
      onAcceptError: () => undefined,
      createExchange: (req, res, awaitsContinue) => new Exchange(req, res, SURROUNDINGS, awaitsContinue),
      begin: (exchange) => exchange.respond(200, {}, 'here'),
      ...options,
    });
    open.push(listener);
    return listener;
  };
  const ask = async (host: string, port: number): Promise<number | string> =>
    request(`http://${host}:${port}`)
      .get('/')
      .then(
        ({ status }) => status,
        (failure: NodeJS.ErrnoException) => failure.code ?? failure.message,
      );

  it('answers for localhost on both loopback addresses, under one port', async () => {
    const { port, addresses } = await listen({ address: 'localhost' });
    expect(addresses).toEqual([`127.0.0.1:${port}`, `[::1]:${port}`]);
    for (const host of ['127.0.0.1', '[::1]', 'localhost']) expect([host, await ask(host, port)]).toEqual([host, 200]);
  });

  it('answers only where it was told to', async () => {
    const { port, addresses } = await listen();
    expect(addresses).toEqual([`127.0.0.1:${port}`]);
    expect(await ask('[::1]', port)).toBe('ECONNREFUSED');
  });

  it.each(['127.0.0.1', '::1'])('fails where another has the port on %s, and leaves nothing open', async (host) => {
    const other = createServer().listen(0, host);
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    await expect(listen({ address: 'localhost', port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
    other.close();
    await once(other, 'close');
    expect(await ask('127.0.0.1', port)).toBe('ECONNREFUSED');
    expect(await ask('[::1]', port)).toBe('ECONNREFUSED');
  });

  it('lets a running request end when it drains, and nobody else in', async () => {
    const waiting = Promise.withResolvers<Exchange>();
    const listener = await listen({ begin: waiting.resolve });
    const { port } = listener;
    const [running, idle] = [await RawConnection.open(port), await RawConnection.open(port)];
    running.head('GET / HTTP/1.1');
    const exchange = await waiting.promise;
    let drained = false;
    const draining = listener.drain().then(() => (drained = true));
    await idle.ended();
    expect(await ask('127.0.0.1', port)).toBe('ECONNREFUSED');
    expect(drained).toBe(false);
    exchange.respond(200, {}, 'after all');
    expect((await running.answer()).body.toString()).toBe('after all');
    await draining;
    open.length = 0;
    running.close();
    idle.close();
  });

  it('tells clients to come back on another connection while it drains', async () => {
    const begun = { '/running': Promise.withResolvers<Exchange>(), '/fresh': Promise.withResolvers<Exchange>() };
    const listener = await listen({
      begin: (exchange) => {
        if (exchange.path === '/') exchange.respond(200, {}, 'here');
        else begun[exchange.path as keyof typeof begun].resolve(exchange);
      },
    });
    const clients = await Promise.all([1, 2, 3].map(() => RawConnection.open(listener.port)));
    const [running, kept, fresh] = clients as [RawConnection, RawConnection, RawConnection];
    running.head('GET /running HTTP/1.1');
    kept.head('GET / HTTP/1.1');
    expect((await kept.answer()).headers['connection']).toBe('keep-alive');
    const exchange = await begun['/running'].promise;
    const draining = listener.drain();
    kept.head('GET / HTTP/1.1');
    fresh.head('GET /fresh HTTP/1.1');
    exchange.respond(200, {}, 'after all');
    (await begun['/fresh'].promise).respond(200, {}, 'after all');
    for (const client of clients) {
      expect((await client.answer()).headers['connection']).toBe('close');
      expect(await client.ended()).toHaveLength(0);
      client.close();
    }
    await draining;
    open.length = 0;
  });

  it('drains where a client never ends its handshake, once it is cut', async () => {
    const listener = await listen({ tls: {} as TlsPair }); // nothing comes so far as to need one
    const silent = await RawConnection.open(listener.port);
    const draining = listener.drain();
    listener.cut();
    expect(await silent.ended()).toHaveLength(0);
    await draining;
    open.length = 0;
    silent.close();
  });

  it('says which connection finds no seat, and ends it with its answer', async () => {
    const surplus: boolean[] = [];
    const listener = await listen({
      seats: new Seats(1),
      begin: (exchange) => {
        surplus.push(exchange.isSurplus);
        exchange.respond(200, {}, 'here');
      },
    });
    const kept = await RawConnection.open(listener.port);
    kept.head('GET / HTTP/1.1');
    expect((await kept.answer()).headers['connection']).toBe('keep-alive');
    const other = await RawConnection.open(listener.port);
    other.head('GET / HTTP/1.1');
    expect((await other.answer()).headers['connection']).toBe('close');
    expect(surplus).toEqual([false, true]);
    for (const client of [kept, other]) client.close();
  });

  it('ends every connection at once when it is cut', async () => {
    const waiting = Promise.withResolvers<Exchange>();
    const listener = await listen({ begin: waiting.resolve });
    const running = await RawConnection.open(listener.port);
    running.head('GET / HTTP/1.1');
    await waiting.promise;
    const draining = listener.drain();
    listener.cut();
    expect(await running.ended()).toHaveLength(0);
    await draining;
    open.length = 0;
    running.close();
  });
});
