import type { Command } from '../../../internal/cli/index.ts';
import type { RepositoryStorage, StorageBytes } from '../../../internal/gc/index.ts';

export const du: Command = {
  name: 'du',
  summary:
    'Tells what keeps how many bytes: live, shared, waiting for collection, in uploads; by repository and in all.',
  example: 'octoserve du',
  options: [
    { flags: '--scan', doc: 'look through storage too, for content that no row knows' },
    { flags: '--json', doc: 'as JSON, an object on each line; the last is the sum' },
  ],
  takesSettings: true,
  async run(input, io) {
    const [{ withStores }, { takeStock }, { printable }] = await Promise.all([
      import('../stores.ts'),
      import('../../../internal/gc/index.ts'),
      import('../../../internal/cli/index.ts'),
    ]);
    const isJson = input.options['json'] === true;
    return withStores(input, io, async (stores) => {
      const scan = input.options['scan'] === true;
      const { total, repositories } = await takeStock({ ...stores, clock: Date.now }, { scan });
      if (!isJson) io.stdout.write(`${HEADER}\n`);
      for (const each of repositories) io.stdout.write(`${isJson ? JSON.stringify(each) : printable(lineOf(each))}\n`);
      io.stdout.write(`${isJson ? JSON.stringify({ total }) : lineOf({ repository: 'in all', ...total })}\n`);
      if (!isJson && total.unknown !== undefined)
        io.stdout.write(`${total.unknown} bytes are of content that no row knows\n`);
      return 0;
    });
  },
};

const WIDTH = 14;
const columns = (values: readonly (string | number)[]): string =>
  values.map((value) => String(value).padStart(WIDTH)).join(' ');
const HEADER = `${columns(['live', 'shared', 'waiting', 'uploads'])}  repository`;

type Line = Omit<RepositoryStorage, 'repository'> & Partial<StorageBytes> & { readonly repository: string };
const lineOf = ({ live, shared, waiting, uploads, repository }: Line): string =>
  `${columns([live, shared, waiting, uploads])}  ${repository}`;
