import { UsageError } from '../../../internal/cli/index.ts';
import { fieldOf } from '../answers.ts';
import type { RegctlCommand } from '../command.ts';
import { line } from '../texts.ts';

export const apikeyCreate: RegctlCommand = {
  name: 'apikey create',
  summary: 'Creates an API key. It is shown this once.',
  example: 'cola-regctl apikey create ci --role publisher@ops --expires-at 2027-01-01T00:00:00Z',
  arguments: ['<name>'],
  options: [
    { flags: '--role <role>', doc: 'reader, publisher or admin, of everything or of a registry: publisher@ops' },
    { flags: '--expires-at <time>', doc: 'until when it is good, as 2027-01-01T00:00:00Z' },
  ],
  action: 'create API key',
  async run(call) {
    const [name = ''] = call.arguments;
    const [role, expiresAt] = [call.flag('role'), call.flag('expiresAt')];
    if (role === undefined) throw new UsageError('apikey create needs --role');
    const body = { name, role, ...(expiresAt !== undefined && { expires_at: expiresAt }) };
    const data = await (await call.api()).send({ method: 'POST', path: ['apikeys'], body });
    const shown = ['ID', 'Name', 'Role', 'Key'].map((title) => line(title, fieldOf(data, title.toLowerCase())));
    return { text: shown.join('\n'), data, remark: 'Keep the key: it is not shown again.' };
  },
};
