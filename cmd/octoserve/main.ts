#!/usr/bin/env node
import { createReader, createWriter } from '../../internal/cli/index.ts';
import { readDotEnv } from './dot-env.ts';
import { createOctoserve } from './octoserve.ts';

const cwd = process.cwd();
const stderr = createWriter(process.stderr, () => undefined);
const exitCode = await createOctoserve().run(process.argv.slice(2), {
  stdout: createWriter(process.stdout, (error) => {
    process.exitCode = 1;
    process.stderr.write(`The output could not be written: ${error.message}\n`);
  }),
  stderr,
  get stdin() {
    return createReader(process.stdin, stderr); // left alone by commands that read nothing
  },
  env: { ...readDotEnv(cwd), ...process.env },
  cwd,
});
if (exitCode !== 0) process.exitCode = exitCode;
