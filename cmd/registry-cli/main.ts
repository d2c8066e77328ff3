#!/usr/bin/env node
import { runAsProcess } from '../../internal/cli/index.ts';
import { createRegistryCli } from './registry-cli.ts';

await runAsProcess(createRegistryCli(), process);
