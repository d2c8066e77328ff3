import { PRODUCT_VERSION, type Command } from '../../../internal/cli/index.ts';
import { findRepositoryName } from '../../../pkg/oci/index.ts';

export const authExplain: Command = {
  name: 'auth explain',
  summary: 'Says whether somebody may do something, and prints the rule that decides; exit 1 where not.',
  example: 'octoserve auth explain --as user:alice --do push --repo team-a/app',
  options: [
    { flags: '--as <subject>', doc: 'user:alice, key:ci, group:dev, workload:deploy or anonymous' },
    { flags: '--do <action>', doc: 'pull, push, create, update, delete or admin' },
    { flags: '--repo <name>', doc: 'the repository' },
    { flags: '--json', doc: 'as JSON' },
  ],
  takesSettings: true,
  async run(input, io) {
    const [{ textOf, withPeople }, { CliError, UsageError, writeJson }, auth, { explainAccess }] = await Promise.all([
      import('../people.ts'),
      import('../../../internal/cli/index.ts'),
      import('../../../internal/auth/index.ts'),
      import('../../../internal/server/index.ts'),
    ]);
    const { ACTIONS, explain, findAction } = auth;
    const { options } = input;
    const [subject, doing, name] = [textOf(options['as']), textOf(options['do']), textOf(options['repo'])];
    if (subject === undefined || doing === undefined || name === undefined) {
      throw new UsageError('auth explain needs --as, --do and --repo');
    }
    const [action, repository] = [findAction(doing), findRepositoryName(name)];
    if (!action) throw new UsageError(`there is no action ${doing}; there are ${ACTIONS.join(', ')}`);
    if (!repository) throw new UsageError(`${name} is no name of a repository`);
    return withPeople(input, io, async ({ config, catalog }) => {
      const decision = await explainAccess({ config, catalog, version: PRODUCT_VERSION, subject, action, repository });
      if (!decision) throw new CliError(`There is no ${subject} who could sign in`, { hint: HINT });
      if (options['json'] === true) writeJson(io.stdout, decision);
      else io.stdout.write(`${explain(decision)}\n`);
      return decision.allowed ? 0 : 1;
    });
  },
};

const HINT =
  'Name user:, key:, group: or workload: with a name, or anonymous; who is disabled or expired may do nothing.';
