import type { AuditFault } from '../../../internal/auth/index.ts';
import type { Command } from '../../../internal/cli/index.ts';

export const auditVerify: Command = {
  name: 'audit verify',
  summary: 'Walks the sealed log, and names the first entry that was altered or removed; exit 1 if there is one.',
  example: 'octoserve audit verify',
  options: [{ flags: '--json', doc: 'as JSON' }],
  takesSettings: true,
  async run(input, io) {
    const [{ withStores }, { createProgress, writeJson }, { verifyAudit }] = await Promise.all([
      import('../stores.ts'),
      import('../../../internal/cli/index.ts'),
      import('../../../internal/auth/index.ts'),
    ]);
    const progress = createProgress(io, { verb: 'Looked at', noun: 'entries', clock: Date.now });
    return withStores(input, io, async ({ catalog }) => {
      const report = await verifyAudit({ catalog, onProgress: (entries) => progress.done(entries) });
      progress.clear();
      const { first, verified, hash, unsealed, fault } = report;
      if (input.options['json'] === true) writeJson(io.stdout, report);
      else {
        const upTo = `Entries ${first} to ${verified} are as they were sealed; their hash is ${hash}.`;
        if (first > 1) io.stdout.write(`The log begins with entry ${first}: the catalog was rebuilt.\n`);
        if (verified >= first) io.stdout.write(`${upTo}\n`);
        if (fault) io.stdout.write(`${describe(fault)}\n`);
        io.stdout.write(`${unsealed} ${unsealed === 1 ? 'entry is' : 'entries are'} not sealed yet.\n`);
      }
      return fault ? 1 : 0;
    });
  },
};

function describe(fault: AuditFault): string {
  switch (fault.kind) {
    case 'removed':
      return `Entry ${fault.sequence} was removed.`;
    case 'altered':
      return `Entry ${fault.sequence} was altered.`;
    case 'altered among':
      return `One of the entries ${fault.first} to ${fault.last}, or their seal, was altered.`;
    case 'seal removed':
      return `The seal of entry ${fault.sequence} was removed, with it or without.`;
    default:
      return fault satisfies never;
  }
}
