import type { Command } from '../../../internal/cli/index.ts';

export const keyCreate: Command = {
  name: 'key create',
  summary: 'Makes a key and prints it, this once: for a robot, or with the rights of a user.',
  example: 'octoserve key create ci --repositories team/** --actions pull,push,create --expires 90d',
  arguments: ['<name>'],
  options: [
    { flags: '--repositories <patterns>', doc: 'where it is good: team/**,public/app' },
    { flags: '--actions <actions>', doc: 'what for: pull,push,create,update,delete' },
    { flags: '--owner <user>', doc: 'a user, beyond whose rights the key never goes' },
    { flags: '--expires <when>', doc: 'for how long, as in 90d, or until 2027-01-31; forever where it is not given' },
    { flags: '--json', doc: 'as JSON' },
  ],
  takesSettings: true,
  async run(input, io) {
    const [{ listOf, textOf, withPeople }, { writeJson, UsageError }, { parseExpiry }] = await Promise.all([
      import('../people.ts'),
      import('../../../internal/cli/index.ts'),
      import('../expiry.ts'),
    ]);
    const { options } = input;
    const [name = ''] = input.arguments;
    const expires = textOf(options['expires']);
    const [repositories, actions] = [listOf(options['repositories']), listOf(options['actions'])];
    if (!repositories || !actions) throw new UsageError('a key needs --repositories and --actions');
    const expiresMs = expires === undefined ? undefined : parseExpiry(expires, Date.now());
    return withPeople(input, io, async ({ administration: { keys }, by }) => {
      const owner = textOf(options['owner']);
      const key = await keys.add(by, { name, owner, repositories, actions, expiresMs });
      if (options['json'] === true) writeJson(io.stdout, { ...(await keys.get(name)), key });
      else {
        io.stdout.write(`${key}\n`);
        io.stderr.write('This is the only time that the key is shown. It is a password for any user name.\n');
      }
      return 0;
    });
  },
};
