import type { Command } from '../../../internal/cli/index.ts';
import { JSON_LINES } from '../shared-options.ts';

export const retentionPlan: Command = {
  name: 'retention plan',
  summary: 'Lists what the retention rules would let go of and why; changes nothing.',
  example: 'octoserve retention plan',
  options: [JSON_LINES],
  takesSettings: true,
  async run(input, io) {
    const { retain } = await import('../retention.ts');
    return retain(input, io, { dryRun: true });
  },
};
