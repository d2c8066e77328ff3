#!/usr/bin/env node
import { createWriter } from '../../internal/cli/index.ts';
import { createOctobench } from './octobench.ts';

process.exitCode = await createOctobench().run(process.argv.slice(2), {
  stdout: createWriter(process.stdout, (error) => {
    process.exitCode = 1;
    process.stderr.write(`The output could not be written: ${error.message}\n`);
  }),
  stderr: createWriter(process.stderr, () => undefined),
  env: process.env,
  cwd: process.cwd(),
});
