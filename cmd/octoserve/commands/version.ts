import { PRODUCT_VERSION, writeJson, type Command } from '../../../internal/cli/index.ts';
import { VERSION_LINE } from '../version-line.ts';

export const version: Command = {
  name: 'version',
  summary: 'Prints the version.',
  example: 'octoserve version --json',
  options: [{ flags: '--json', doc: 'as JSON, with what it runs on' }],
  async run({ options }, { stdout }) {
    const { arch, platform, versions } = process;
    if (options['json'])
      writeJson(stdout, { name: 'octoserve', version: PRODUCT_VERSION, node: versions.node, platform, arch });
    else stdout.write(`${VERSION_LINE}\n`);
    return 0;
  },
};
