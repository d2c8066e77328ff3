import type { Command } from '../../../internal/cli/index.ts';

export const workloadSet: Command = {
  name: 'workload set',
  summary: 'Makes a rule by which jobs of a CI come in with tokens of theirs, or changes one.',
  example: 'octoserve workload set app --preset github --claims repository=acme/app --repositories acme/app',
  arguments: ['<name>'],
  options: [
    { flags: '--preset <ci>', doc: 'whose tokens: github, gitlab, kubernetes, or oidc for any other issuer' },
    { flags: '--claims <rules>', doc: 'what they have to say: repository=acme/app,ref=refs/heads/*' },
    { flags: '--repositories <patterns>', doc: 'what the jobs may use: team/app,team/**' },
    { flags: '--actions <actions>', doc: 'what for; pull,push,create,update where it is not given' },
    { flags: '--issuer <url>', doc: 'the issuer, where it is not that of the public service' },
    { flags: '--audience <text>', doc: 'what the tokens are for; server.public_url where it is not given' },
    { flags: '--jwks-url <url>', doc: 'where the keys of the issuer are, instead of what it says' },
    { flags: '--algorithms <names>', doc: 'what the tokens may be signed with' },
    { flags: '--many-uses', doc: 'take a token more than once' },
  ],
  takesSettings: true,
  async run(input, io) {
    const [{ listOf, textOf, withPeople }, { PRESETS }, { UsageError }] = await Promise.all([
      import('../people.ts'),
      import('../../../internal/auth/index.ts'),
      import('../../../internal/cli/index.ts'),
    ]);
    const { options } = input;
    const [name = ''] = input.arguments;
    const preset = PRESETS.find((each) => each === options['preset']);
    if (options['preset'] !== undefined && !preset) throw new UsageError(`--preset is one of ${PRESETS.join(', ')}`);
    return withPeople(input, io, async ({ administration: { workloads }, by }) => {
      await workloads.put(by, name, {
        preset,
        issuer: textOf(options['issuer']),
        jwksUrl: textOf(options['jwksUrl']),
        audience: textOf(options['audience']),
        algorithms: listOf(options['algorithms']),
        claims: listOf(options['claims']),
        singleUse: options['manyUses'] === true ? false : undefined,
        repositories: listOf(options['repositories']),
        actions: listOf(options['actions']),
      });
      io.stdout.write(`The rule ${name} is kept.\n`);
      return 0;
    });
  },
};
