export { exportFoundry, type ExportedFoundry } from './export.ts';
export { importFoundry, type ImportedFoundry } from './import.ts';
