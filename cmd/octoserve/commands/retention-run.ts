import type { Command } from '../../../internal/cli/index.ts';
import { JSON_LINES } from '../shared-options.ts';

export const retentionRun: Command = {
  name: 'retention run',
  summary: 'Carries out the retention rules, beside a running server too, and lists what went and why.',
  example: 'octoserve retention run',
  options: [JSON_LINES],
  takesSettings: true,
  async run(input, io) {
    const { retain } = await import('../retention.ts');
    return retain(input, io, { dryRun: false });
  },
};
