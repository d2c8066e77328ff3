import type { RegctlCommand } from '../command.ts';
import { getContext } from '../contexts.ts';
import { done } from '../texts.ts';

export const contextUse: RegctlCommand = {
  name: 'context use',
  summary: 'Makes later commands speak to the server of that name.',
  example: 'cola-regctl context use staging',
  arguments: ['<name>'],
  action: 'use context',
  async run(call) {
    const [name = ''] = call.arguments;
    const store = await call.credentials();
    const { contexts } = await store.load();
    const server = getContext(contexts, name);
    await store.save({ server, contexts });
    const remark =
      server.token === undefined ? { remark: 'Nobody is logged in there yet: run `cola-regctl login`.' } : {};
    return { text: done(`Using ${server.url}`), data: { name, server: server.url }, ...remark };
  },
};
