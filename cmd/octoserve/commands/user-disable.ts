import type { Command } from '../../../internal/cli/index.ts';

export const userDisable: Command = {
  name: 'user disable',
  summary: 'Keeps a user out, and ends all that the user has signed in with; --undo lets the user in again.',
  example: 'octoserve user disable alice',
  arguments: ['<name>'],
  options: [{ flags: '--undo', doc: 'the other way round' }],
  takesSettings: true,
  async run(input, io) {
    const { withPeople } = await import('../people.ts');
    const [name = ''] = input.arguments;
    const disabled = input.options['undo'] !== true;
    return withPeople(input, io, async ({ administration: { users }, by }) => {
      await users.change(by, name, { disabled });
      io.stdout.write(`${name} ${disabled ? 'cannot sign in any more' : 'may sign in again'}.\n`);
      return 0;
    });
  },
};
