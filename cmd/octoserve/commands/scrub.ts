import type { Command } from '../../../internal/cli/index.ts';
import type { Finding, ScrubRun } from '../../../internal/maintenance/index.ts';
import { JSON_LINES } from '../shared-options.ts';

/** A line names so many tags. */
const NAMED = 10;
const MIB = 1024 * 1024;

export const scrub: Command = {
  name: 'scrub',
  summary: 'Reads all content, quarantines what is damaged and names the tags that it hurts; exit 1 if any is left so.',
  example: 'octoserve scrub --repair --rate 50MiB',
  options: [
    { flags: '--repair', doc: 'bring damaged content back from scrub.backup, backup.target or scrub.peer.url' },
    { flags: '--rate <bytes>', doc: 'in place of scrub.rate: how many bytes a second are read; 0: as many as can be' },
    { flags: '--all', doc: 'begin anew, where a pass was cut short that could be gone on with' },
    { flags: '--since <time>', doc: 'only what came since then: 2027-01-31, or 24h for so long until now' },
    { flags: '--quarantined', doc: 'only what is quarantined already' },
    JSON_LINES,
  ],
  takesSettings: true,
  async run(input, io) {
    const [
      { withStores },
      { parseScrubRequest, withScrub },
      { createFindings, count },
      { CliError },
      maintenance,
      { v4 },
    ] = await Promise.all([
      import('../stores.ts'),
      import('../scrub.ts'),
      import('../findings.ts'),
      import('../../../internal/cli/index.ts'),
      import('../../../internal/maintenance/index.ts'),
      import('uuid'),
    ]);
    const asked = parseScrubRequest(input.options, Date.now());
    const format = (bytes: number): string => `${Math.round(bytes / MIB).toLocaleString('en')} MiB`;
    const findings = createFindings(input, io, { verb: 'Read', noun: 'of content', format });
    const left = new Set<string>(); // what is quarantined already is looked at first, and by a pass once more

    function tell(finding: Finding): void {
      const { problem, hurt, mendedFrom, failures, isKnown, digest, sizeBytes, detail } = finding;
      if (mendedFrom !== undefined) left.delete(digest);
      else if (left.has(digest)) return;
      else left.add(digest);
      const { names, more } = maintenance.summarize(hurt, NAMED);
      const hurts = names.length === 0 ? [] : [`hurts ${names.join(', ')}${more > 0 ? ` and ${more} more` : ''}`];
      const from =
        mendedFrom === undefined ? [] : [mendedFrom === 'storage' ? 'it is there again' : `from the ${mendedFrom}`];
      const parts = [...(detail === undefined ? [] : [detail]), ...from, ...failures, ...hurts];
      const told = {
        kind: kindOf(finding),
        digest,
        sizeBytes,
        ...(parts.length > 0 && { detail: parts.join('; ') }),
        ...(mendedFrom !== undefined && { mended: true as const, from: mendedFrom }),
        ...{ problem, isKnown, failures },
        hurt: hurt.map(({ repository, manifest, tag }) => ({ repository, digest: manifest, tag })),
      };
      findings.tell(told);
    }

    return withStores(input, io, (stores) =>
      withScrub(stores, io, asked, async (scrubber) => {
        const isPart = asked.sinceMs !== undefined || asked.onlyQuarantined;
        if (!isPart) findings.progress.total((await stores.catalog.queries.totals()).blobBytes);
        let isBegun = false;
        // Where it stands is noted; a second one ends at once.
        const stop = (): void => void scrubber.close();
        process.once('SIGINT', stop);
        try {
          const begun = await scrubber.begin({
            trigger: 'command',
            by: { principal: 'octoserve scrub', address: 'local', requestId: v4() },
            ...asked,
            onFinding: tell,
            onRead: (bytes) => findings.progress.done(bytes),
            onProgress: ({ tally }) => {
              if (!isBegun) findings.progress.done(tally.bytes); // what an earlier run has read of this pass
              isBegun = true;
            },
          });
          if (begun.kind === 'busy') {
            throw new CliError('Content is being read already', {
              hint: 'A server does so every scrub.interval: `GET /admin/scrub` tells how far it has come.',
            });
          }
          const run = await begun.done;
          findings.conclude({ ...summaryOf(run), unmended: left.size }, textOf(run));
          return run.finishedMs !== undefined && left.size === 0 ? 0 : 1;
        } finally {
          process.off('SIGINT', stop);
        }
      }),
    );

    function textOf({ tally: { blobs, bytes, damaged, mended }, finishedMs, error }: ScrubRun): string {
      const are = left.size === 1 ? 'is' : 'are';
      const rest = left.size === 0 ? '' : ` ${count(left.size, 'content')} ${are} left damaged.`;
      const isSound = damaged === 0 && left.size === 0;
      const found = isSound ? 'nothing is wrong' : `${damaged} damaged, ${mended} of them mended`;
      const read = `${count(blobs, 'blob')} (${count(bytes, 'byte')})`;
      if (finishedMs !== undefined) return `Read ${read}: ${found}.${rest}`;
      const why = error === undefined ? 'It was interrupted' : `It broke off: ${error}`;
      return `Read ${read} so far: ${found}.${rest} ${why}; run again, it goes on where it stood.`;
    }
  },
};

/** In the words of `octoserve verify`. */
const kindOf = ({ problem }: Finding): string =>
  problem === 'unreadable' || problem === 'missing' ? `blob ${problem}` : `blob of ${problem}`;

function summaryOf({ tally, startedMs, finishedMs, error }: ScrubRun): object {
  const [started, finished] = [startedMs, finishedMs].map((ms) =>
    ms === undefined ? null : new Date(ms).toISOString(),
  );
  return { ...tally, started, finished, ...(error !== undefined && { error }) };
}
