import type { RegctlCommand } from '../command.ts';
import { tableOf } from '../texts.ts';

export const contextList: RegctlCommand = {
  name: 'context list',
  summary: 'Lists the servers that have names here.',
  example: 'cola-regctl context list',
  action: 'list contexts',
  async run(call) {
    const { server, contexts } = await call.credentials().then((store) => store.load());
    const data = [...contexts].map(([name, { url, token }]) => ({
      name,
      server: url,
      logged_in: token !== undefined,
      current: url === server?.url,
    }));
    const rows = data.map((one) => [one.current ? '*' : '', one.name, one.server, one.logged_in ? 'yes' : 'no']);
    const none = 'No contexts found';
    return { text: rows.length === 0 ? none : tableOf([['CURRENT', 'NAME', 'SERVER', 'LOGGED IN'], ...rows]), data };
  },
};
