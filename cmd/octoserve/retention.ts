import { v4 } from 'uuid';
import { CliError, printable, type CommandInput, type ExitCode, type Io } from '../../internal/cli/index.ts';
import { createRetention, type Expired, type RetentionSummary } from '../../internal/gc/index.ts';
import { createGuards } from '../../internal/registry/index.ts';
import { openDoors } from './doors.ts';
import { count } from './findings.ts';
import { withStores } from './stores.ts';

/** Carries out the retention rules, or lists what they would do; the last line is the summary. */
export async function retain(input: CommandInput, io: Io, { dryRun }: { readonly dryRun: boolean }): Promise<ExitCode> {
  const isJson = input.options['json'] === true;
  return withStores(input, io, async ({ config, catalog }) => {
    const retention = createRetention({
      catalog,
      config,
      guardsFor: createGuards(config, await openDoors(config)),
      clock: Date.now,
      newId: v4,
    });
    if (!retention.hasRules) {
      throw new CliError('There is no retention rule', {
        hint: 'Rules are settings as retention.old.keep_last: 10, where `old` is a name of your own.',
      });
    }
    const stop = new AbortController();
    const onSignal = (): void => stop.abort(new Error('stopped'));
    process.once('SIGINT', onSignal);
    try {
      const by = { principal: `octoserve retention ${dryRun ? 'plan' : 'run'}`, address: 'local', requestId: v4() };
      const onExpired = (expired: Expired): void =>
        void io.stdout.write(`${isJson ? JSON.stringify(expired) : printable(lineOf(expired))}\n`);
      const done = await retention.run({ by, dryRun, onExpired }, stop.signal);
      if (done.kind === 'busy') {
        throw new CliError('The retention rules are being carried out already', {
          hint: 'Wait until that is over.',
        });
      }
      io.stdout.write(`${isJson ? JSON.stringify(done.summary) : textOf(done.summary)}\n`);
      return 0;
    } finally {
      process.off('SIGINT', onSignal);
    }
  });
}

function lineOf(expired: Expired): string {
  const { repository, digest, reason } = expired;
  if (expired.kind === 'tag') return `${repository}:${expired.tag}  tag of ${digest}  ${reason}`;
  const tags = expired.tags.length > 0 ? `, tagged ${expired.tags.join(' ')}` : '';
  return `${repository}@${digest}  manifest${tags}  ${reason}`;
}

function textOf({ dryRun, tags, manifests, bytes, freeAtMs }: RetentionSummary): string {
  const what = `${count(tags, 'tag')} and ${count(manifests, 'manifest')}`;
  const freed =
    freeAtMs === undefined
      ? ''
      : ` ${count(bytes, 'byte')} ${dryRun ? 'would be' : 'are'} free when garbage is collected after ${new Date(freeAtMs).toISOString()}.`;
  return `${what} ${dryRun ? 'would go' : 'went'}.${freed}`;
}
