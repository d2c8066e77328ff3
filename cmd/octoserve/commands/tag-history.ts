import type { Command } from '../../../internal/cli/index.ts';
import type { TagMove } from '../../../internal/catalog/index.ts';

const PAGE = 1000;

export const tagHistory: Command = {
  name: 'tag history',
  summary: 'Lists what a tag pointed at, newest first.',
  example: 'octoserve tag history team/app:latest',
  arguments: ['<tag>'],
  options: [{ flags: '--json', doc: 'as JSON, an object on each line' }],
  takesSettings: true,
  async run(input, io) {
    const [{ withStores }, { parseTagName }, { printable }] = await Promise.all([
      import('../stores.ts'),
      import('../tag-name.ts'),
      import('../../../internal/cli/index.ts'),
    ]);
    const { repository, tag } = parseTagName(input.arguments[0] ?? '');
    return withStores(input, io, async ({ catalog }) => {
      for (let after: number | undefined, more = true; more;) {
        const moves: readonly TagMove[] = await catalog.queries.listTagMoves(repository, tag, { after, limit: PAGE });
        for (const move of moves) {
          const line = input.options['json'] === true ? JSON.stringify(toJson(move)) : printable(toLine(move));
          io.stdout.write(`${line}\n`);
        }
        if ((await io.stdout.flushed?.()) === false) break;
        more = moves.length === PAGE;
        after = moves.at(-1)?.id;
      }
      return 0;
    });
  },
};

const toJson = ({ timeMs, from, to, by }: TagMove): object => ({
  time: new Date(timeMs).toISOString(),
  from,
  to,
  principal: by.principal,
  address: by.address,
  request_id: by.requestId,
});

function toLine({ timeMs, from, to, by }: TagMove): string {
  const moved = `${from ?? 'nothing'} -> ${to ?? 'deleted'}`;
  return [new Date(timeMs).toISOString(), by.principal, by.address, moved].filter(Boolean).join('  ');
}
