import type { AuditEntry } from '../../../internal/auth/index.ts';
import type { Command } from '../../../internal/cli/index.ts';

export const audit: Command = {
  name: 'audit',
  summary: 'Lists who did what, from where and with what result, newest first.',
  example: 'octoserve audit --result denied --since 24h',
  options: [
    { flags: '--principal <name>', doc: 'only what it did, as in user:alice' },
    { flags: '--action <action>', doc: 'only this, as in tag.put, signin or access.push' },
    { flags: '--repository <name>', doc: 'only what is about it' },
    { flags: '--result <result>', doc: 'only what ended so', choices: ['done', 'denied', 'failed'] },
    { flags: '--since <time>', doc: 'from then on: 2026-01-31, 2026-01-31T10:00Z, or how long ago: 90m, 24h, 7d' },
    { flags: '--until <time>', doc: 'before then' },
    { flags: '--limit <count>', doc: 'so many at most (default: 100)' },
    { flags: '--json', doc: 'as JSON, an object on each line' },
  ],
  takesSettings: true,
  async run(input, io) {
    const [{ withStores }, { parseAuditRequest }, { printable }, { toAuditEntry }] = await Promise.all([
      import('../stores.ts'),
      import('../audit-request.ts'),
      import('../../../internal/cli/index.ts'),
      import('../../../internal/auth/index.ts'),
    ]);
    const { filter, limit } = parseAuditRequest(input.options, Date.now());
    return withStores(input, io, async ({ catalog }) => {
      let left = limit;
      let after;
      do {
        const page = await catalog.queries.listAudit(filter, { after, limit: Math.min(left, 1000) });
        for (const entry of page.rows.map(toAuditEntry)) {
          io.stdout.write(`${input.options['json'] === true ? JSON.stringify(entry) : printable(lineOf(entry))}\n`);
        }
        if ((await io.stdout.flushed?.()) === false) break;
        left -= page.rows.length;
        after = page.next;
      } while (after && left > 0);
      return 0;
    });
  },
};

function lineOf({ time, principal, address, action, result, repository, name, from, to, detail }: AuditEntry): string {
  const moved = from === undefined && to === undefined ? undefined : `${from ?? 'nothing'} -> ${to ?? 'nothing'}`;
  const more = detail === undefined ? undefined : JSON.stringify(detail);
  return [time, result, principal, address, action, repository, name, moved, more].filter(Boolean).join('  ');
}
