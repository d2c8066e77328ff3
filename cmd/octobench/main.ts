#!/usr/bin/env node
import { runAsProcess } from '../../internal/cli/index.ts';
import { createOctobench } from './octobench.ts';

await runAsProcess(createOctobench(), process);
