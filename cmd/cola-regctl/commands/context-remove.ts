import type { RegctlCommand } from '../command.ts';
import { getContext } from '../contexts.ts';
import { done } from '../texts.ts';

export const contextRemove: RegctlCommand = {
  name: 'context remove',
  summary: 'Forgets the name of a server, and its token.',
  example: 'cola-regctl context remove staging',
  arguments: ['<name>'],
  action: 'remove context',
  async run(call) {
    const [name = ''] = call.arguments;
    const store = await call.credentials();
    const { server, contexts } = await store.load();
    const { url } = getContext(contexts, name);
    const kept = new Map([...contexts].filter(([other]) => other !== name));
    await store.save({ server: server?.url === url ? undefined : server, contexts: kept });
    return { text: done(`Removed context '${name}'`), data: { name, removed: true } };
  },
};
