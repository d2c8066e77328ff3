export { exitSoon } from './exit-soon.ts';
export { CliError, reportFailure, UsageError } from './failure.ts';
export { runAsProcess, type Host } from './host.ts';
export { formatSize, printable, writeJson, writeTable } from './output.ts';
export { createProgram } from './program.ts';
export { createProgress, type Progress, type ProgressOptions } from './progress.ts';
export { createReader, type InputStream } from './reader.ts';
export { createStyle, type Colour } from './style.ts';
export type {
  Command,
  CommandInput,
  CommandOption,
  ExitCode,
  Io,
  Program,
  ProgramSpec,
  Reader,
  Writer,
} from './types.ts';
export { createWriter, type Stream } from './writer.ts';
export { PRODUCT_VERSION } from './version.ts';
export { holdYoungGeneration, releaseYoungGeneration } from './young-generation.ts';
