import { hostname } from 'node:os';
import { setTimeout } from 'node:timers/promises';
import type { Command } from '../../../internal/cli/index.ts';
import { JSON_LINES } from '../shared-options.ts';

/** Between two tries to get a lease that another process has for a moment. */
const PAUSE_MS = 200;

export const verify: Command = {
  name: 'verify',
  summary: 'Compares storage and catalog both ways; exit 1 if anything is wrong and was not mended.',
  example: 'octoserve verify --content --repair',
  options: [
    { flags: '--content', doc: 'read all content, and compare it with its digest' },
    { flags: '--repair', doc: 'mend what can be: records, and rows that follow from manifests' },
    JSON_LINES,
  ],
  takesSettings: true,
  async run(input, io) {
    const [{ withStores }, { openRegistry }, { count, createFindings }, { createAlone, verifyStores }] =
      await Promise.all([
        import('../stores.ts'),
        import('../registry.ts'),
        import('../findings.ts'),
        import('../../../internal/maintenance/index.ts'),
      ]);
    const findings = createFindings(input, io, { verb: 'Looked at', noun: 'names and contents' });
    return withStores(input, io, async (stores) => {
      const { chores } = await openRegistry(stores);
      const alone = createAlone({
        catalog: stores.catalog,
        clock: Date.now,
        holder: `${hostname()}/${process.pid}/verify`,
        pause: () => setTimeout(PAUSE_MS),
      });
      const verified = await verifyStores({
        ...stores,
        clock: Date.now,
        content: input.options['content'] === true,
        repair: input.options['repair'] === true,
        followChanges: (signal) => chores.followChanges(signal),
        alone,
        onProblem: findings.tell,
        onOrphan: (orphan) => findings.tell({ kind: 'orphan', ...orphan }),
        onProgress: findings.progress,
      });
      const { blobs, manifests, tags, orphans, orphanBytes, problems, mended } = verified;
      const looked = `${count(blobs, 'blob')}, ${count(manifests, 'manifest')} and ${count(tags, 'tag')}`;
      const wrong = problems === 0 ? 'nothing is wrong' : `${count(problems, 'problem')}, ${mended} of them mended`;
      const loose =
        orphans === 0 ? '' : ` ${count(orphans, 'orphan')} (${count(orphanBytes, 'byte')}) that no row knows.`;
      findings.conclude(verified, `Looked at ${looked}: ${wrong}.${loose}`);
      return problems === mended ? 0 : 1;
    });
  },
};
