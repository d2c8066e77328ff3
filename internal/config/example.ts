import { variablesOf } from './environment.ts';
import { aroundName } from './names.ts';
import type { Option } from './option.ts';

/** A configuration file that says every default; null stands where there is none. What users name has no default. */
export function exampleConfig(tables: readonly (readonly Option[])[]): string {
  const top: Record<string, unknown> = {};
  for (const option of tables.flat().filter(({ key }) => !aroundName(key))) {
    const names = option.key.split('.');
    const last = names.pop() ?? option.key;
    let section = top;
    for (const name of names) section = (section[name] ??= {}) as Record<string, unknown>;
    section[last] = option.default ?? null;
  }
  return `${JSON.stringify(top, undefined, 2)}\n`;
}

/** A `.env` file that names every variable, each as a comment with its default. */
export function exampleEnv(tables: readonly (readonly Option[])[]): string {
  const settings = tables.flat().map((option) => {
    const [regular = '', ...others] = variablesOf(option);
    const choices = typeof option.type === 'string' ? '' : ` One of ${option.type.join(', ')}.`;
    const also = others.length === 0 ? '' : ` Also ${others.join(', ')}.`;
    return `# ${option.doc}${choices}${also}\n# ${regular.replace('*', '<NAME>')}=${String(option.default ?? '')}\n`;
  });
  return [
    `# Copy to .env, which octoserve reads from the folder where it starts; real variables win.\n`,
    ...settings,
  ].join('\n');
}
