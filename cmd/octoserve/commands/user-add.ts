import type { Command } from '../../../internal/cli/index.ts';

export const userAdd: Command = {
  name: 'user add',
  summary: 'Adds a user; the password is asked for on a terminal, or is the first line of standard input.',
  example: 'octoserve user add alice --admin',
  arguments: ['<name>'],
  options: [
    { flags: '--admin', doc: 'who may do everything: the role admin on **' },
    { flags: '--roles <roles>', doc: 'roles by pattern: reader,writer@team/**' },
    { flags: '--groups <groups>', doc: 'groups: dev,ops' },
    { flags: '--email <address>', doc: 'an address, for people to see' },
    { flags: '--display-name <name>', doc: 'a name, for people to see' },
    { flags: '--link', doc: 'no password yet: a one-time link by which the user sets one' },
    { flags: '--no-password', doc: 'no password: the user signs in through a provider' },
  ],
  takesSettings: true,
  async run(input, io) {
    const [{ listOf, textOf, withPeople }, { readNewPassword }, { handOver }] = await Promise.all([
      import('../people.ts'),
      import('../new-password.ts'),
      import('../hand-over.ts'),
    ]);
    const { options } = input;
    const [name = ''] = input.arguments;
    const roles = (listOf(options['roles']) ?? []).map((text) => {
      const at = text.indexOf('@');
      return at < 0 ? { role: text, pattern: '**' } : { role: text.slice(0, at), pattern: text.slice(at + 1) };
    });
    if (options['admin'] === true) roles.unshift({ role: 'admin', pattern: '**' });
    return withPeople(input, io, async ({ administration: { users }, by, config }) => {
      const hasPassword = options['link'] !== true && options['password'] !== false;
      await users.add(by, {
        name,
        password: hasPassword ? await readNewPassword(io, name) : undefined,
        email: textOf(options['email']),
        displayName: textOf(options['displayName']),
        groups: listOf(options['groups']),
        roles,
      });
      if (options['link'] === true) await handOver(io, config, name, await users.invite(by, name));
      else io.stdout.write(`${name} is a user now.\n`);
      return 0;
    });
  },
};
