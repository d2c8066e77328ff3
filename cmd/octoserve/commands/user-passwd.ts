import type { Command } from '../../../internal/cli/index.ts';

export const userPasswd: Command = {
  name: 'user passwd',
  summary: 'Sets a new password, asked for as by user add; whatever the user signed in with before is over.',
  example: 'octoserve user passwd alice',
  arguments: ['<name>'],
  takesSettings: true,
  async run(input, io) {
    const [{ withPeople }, { readNewPassword }] = await Promise.all([
      import('../people.ts'),
      import('../new-password.ts'),
    ]);
    const [name = ''] = input.arguments;
    return withPeople(input, io, async ({ administration: { users }, by }) => {
      await users.get(name);
      await users.change(by, name, { password: await readNewPassword(io, name) });
      io.stdout.write(`${name} has a new password.\n`);
      return 0;
    });
  },
};
