import type { RegctlCommand } from '../command.ts';
import { invalid } from '../exit-codes.ts';
import { parseUrl } from '../session.ts';
import { done } from '../texts.ts';

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

export const contextAdd: RegctlCommand = {
  name: 'context add',
  summary: 'Gives a server a name here, to change to it with `context use`.',
  example: 'cola-regctl context add staging https://cola.staging.example.org',
  arguments: ['<name>', '<server-url>'],
  action: 'add context',
  async run(call) {
    const [name = '', text = ''] = call.arguments;
    if (!NAME.test(name)) throw invalid(`'${name}' is no name of a context: letters, digits, dots and dashes are`);
    const url = parseUrl(text);
    const store = await call.credentials();
    const { server, contexts } = await store.load();
    const added = server?.url === url ? server : { url };
    await store.save({ server, contexts: new Map([...contexts, [name, added]]) });
    return { text: done(`Added context '${name}' for ${url}`), data: { name, server: url } };
  },
};
