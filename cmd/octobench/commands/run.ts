import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import {
  CliError,
  UsageError,
  writeJson,
  type Command,
  type CommandInput,
  type Io,
} from '../../../internal/cli/index.ts';
import type { Credentials } from '../../../pkg/client/index.ts';
import { parseEndpoint } from '../generator/endpoint.ts';
import type { Target } from '../measure/target.ts';
import { WORKLOADS, type Workload } from '../workloads/table.ts';
import { countOf, ROUND_FLAGS, roundFlags, textOf } from './flags.ts';
import { createSteps } from './steps.ts';

export const run: Command = {
  name: 'run',
  summary: 'Puts load on a registry, or on two in turn, and reports rates and latencies. It leaves what it pushes.',
  example: 'octobench run http://localhost:5000 manifest-by-tag blob-64k --compare http://localhost:5001',
  arguments: ['<url>', '[workload...]'],
  options: [
    { flags: '--compare <url>', doc: 'a second registry: rounds take turns, and ratios are to it' },
    { flags: '--concurrency <count>', doc: 'connections (default: as `octobench list` says)' },
    { flags: '--new-connections', doc: 'a connection for each operation' },
    ...ROUND_FLAGS,
    { flags: '--pid <pid>', doc: 'of the registry, if it is here: reports its processor time and memory' },
    { flags: '--compare-pid <pid>', doc: 'the same of the second one' },
    {
      flags: '--user <name>',
      doc: 'who to sign in as; the password is in OCTOBENCH_PASSWORD, or a token in OCTOBENCH_TOKEN',
    },
    { flags: '--compare-user <name>', doc: 'the same at the second one, OCTOBENCH_COMPARE_PASSWORD or _TOKEN' },
    { flags: '--auth-host <host>', doc: 'a token service elsewhere that may be sent the password' },
    { flags: '--prefix <name>', doc: 'that the names of all repositories begin with (default: octobench)' },
  ],
  async run(input, io) {
    const flags = roundFlags(input.options);
    const targets = targetsOf(input, io);
    const workloads = chooseWorkloads(input.arguments.slice(1));
    const [{ runBench }, { renderPage }, { errorCount }, { writeReport }] = await Promise.all([
      import('../measure/bench.ts'),
      import('../report/page.ts'),
      import('../report/report.ts'),
      import('../report/table.ts'),
    ]);
    const steps = createSteps(io);
    const report = await runBench({
      ...flags,
      targets,
      workloads,
      connections: countOf(input.options, 'concurrency'),
      newConnections: input.options['newConnections'] === true,
      prefix: textOf(input.options, 'prefix') ?? 'octobench',
      onStep: steps.tell,
    }).finally(steps.end);
    if (input.options['json'] === true) writeJson(io.stdout, report);
    else writeReport(io.stdout, report);
    const page = textOf(input.options, 'html');
    if (page !== undefined) await writeFile(resolve(io.cwd, page), renderPage(report));
    const isWhole = report.workloads.every((workload) => workload.targets.length > 0);
    return isWhole && errorCount(report) === 0 ? 0 : 1;
  },
};

function chooseWorkloads(names: readonly string[]): readonly Workload[] {
  const known = new Map(WORKLOADS.map((workload) => [workload.name, workload]));
  const chosen = names.map((name) => {
    const found = known.get(name);
    if (!found) throw new UsageError(`there is no workload ${name}; \`octobench list\` names them`);
    return found;
  });
  return chosen.length > 0 ? chosen : WORKLOADS;
}

function credentialsOf(username: string | undefined, env: Io['env'], prefix: string): Credentials | undefined {
  const [password, token] = [env[`${prefix}_PASSWORD`], env[`${prefix}_TOKEN`]];
  if (username === undefined) return token === undefined ? undefined : { kind: 'bearer', token };
  if (password !== undefined) return { kind: 'password', username, password };
  throw new CliError(`There is no password for ${username}`, { hint: `Put it into ${prefix}_PASSWORD.` });
}

function targetsOf({ options, arguments: [url = ''] }: CommandInput, { env }: Io): readonly Target[] {
  const authHost = textOf(options, 'authHost');
  const authHosts = authHost === undefined ? [] : [authHost];
  const [compare, user, compareUser] = ['compare', 'user', 'compareUser'].map((name) => textOf(options, name));
  const target = (at: string, pid: number | undefined, credentials: Credentials | undefined): Target => {
    const { host } = parseEndpoint(at);
    return { name: host, site: { url: at, credentials, authHosts }, pid };
  };
  const first = target(url, countOf(options, 'pid'), credentialsOf(user, env, 'OCTOBENCH'));
  if (compare === undefined) return [first];
  const second = target(compare, countOf(options, 'comparePid'), credentialsOf(compareUser, env, 'OCTOBENCH_COMPARE'));
  if (first.name === second.name) throw new UsageError('the two registries are one');
  return [first, second];
}
