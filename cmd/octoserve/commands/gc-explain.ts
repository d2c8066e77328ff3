import type { Command } from '../../../internal/cli/index.ts';
import type { Explanation } from '../../../internal/gc/index.ts';
import type { Digest } from '../../../pkg/oci/index.ts';

/** So many manifests that reference a blob are named. */
const NAMED = 10;

export const gcExplain: Command = {
  name: 'gc explain',
  summary: 'Says why content is kept, or when it goes; exit 1 if the catalog does not know it.',
  example: 'octoserve gc explain sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a',
  arguments: ['<digest>'],
  options: [{ flags: '--json', doc: 'as JSON' }],
  takesSettings: true,
  async run(input, io) {
    const [{ withStores }, { count }, { printable, UsageError, writeJson }, { explain }, { findDigest }] =
      await Promise.all([
        import('../stores.ts'),
        import('../findings.ts'),
        import('../../../internal/cli/index.ts'),
        import('../../../internal/gc/index.ts'),
        import('../../../pkg/oci/index.ts'),
      ]);
    const text = input.arguments[0] ?? '';
    const digest = findDigest(text);
    if (!digest) throw new UsageError(`${text} is no digest`);
    return withStores(input, io, async ({ config, catalog }) => {
      const use = await catalog.queries.findBlobUse(digest, NAMED + 1);
      const explanation = explain(use, Date.now(), config['gc.review_delay']);
      if (input.options['json'] === true) writeJson(io.stdout, { digest, sizeBytes: use?.sizeBytes, ...explanation });
      else {
        const what = use ? `${digest} (${count(use.sizeBytes, 'byte')})` : digest;
        for (const line of describe(digest, explanation)) io.stdout.write(`${printable(`${what} ${line}`)}\n`);
      }
      return explanation.kind === 'unknown' ? 1 : 0;
    });
  },
};

const timeOf = (ms: number): string => new Date(ms).toISOString();

function describe(digest: Digest, explanation: Explanation): readonly string[] {
  switch (explanation.kind) {
    case 'unknown':
      return ['is not known'];
    case 'kept': {
      const lines = explanation.references.slice(0, NAMED).map(({ repository, manifest, tag }) => {
        const tagged = tag === undefined ? '' : `, tagged ${tag}`;
        return manifest === digest
          ? `is a manifest of ${repository}${tagged}`
          : `is kept by ${repository}@${manifest}${tagged}`;
      });
      return explanation.references.length > NAMED ? [...lines, 'is kept by more than these'] : lines;
    }
    case 'leased': {
      const told = explanation.leases.map(
        ({ repository, untilMs }) => `is kept for clients of ${repository} until ${timeOf(untilMs)}`,
      );
      return [...told, `goes after ${timeOf(explanation.untilMs)}, unless it is referenced by then`];
    }
    case 'waiting':
      return [
        `has been without a reference since ${timeOf(explanation.sinceMs)}, and goes after ${timeOf(explanation.untilMs)}`,
      ];
    case 'due':
      return [`has been without a reference since ${timeOf(explanation.sinceMs)}, and goes with the next collection`];
    case 'deleting':
      return [`has been going since ${timeOf(explanation.sinceMs)}`];
    default:
      return explanation satisfies never;
  }
}
