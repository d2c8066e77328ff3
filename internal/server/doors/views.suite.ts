import type { TestServer } from '../fixtures.suite.ts';
import type { Ask } from './acts.suite.ts';
import { colaRegistry, PACKAGES, REGISTRIES, REPOSITORIES, TOOLS, type Model } from './model.suite.ts';

// A suite by its name only because nothing but tests may import it.

/** Asks servers by turns; what one cannot do at all is thrown. */
export function askBy(servers: readonly Pick<TestServer, 'url'>[]): Ask {
  let turn = 0;
  return async (method, path, body, type = 'application/json') => {
    const { url } = servers[turn++ % servers.length] as TestServer;
    const content =
      body === undefined || typeof body === 'string' || body instanceof Buffer ? body : JSON.stringify(body);
    const headers = content === undefined ? {} : { 'content-type': type };
    const answer = await fetch(`${url}${path}`, { method, headers, ...(content !== undefined && { body: content }) });
    if (answer.status >= 500) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return answer;
  };
}

/** What all doors answer, in the words of the model; of URLs what comes after the host. */
export async function whatIsThere(ask: Ask): Promise<object> {
  const json = async (path: string): Promise<unknown> => {
    const answer = await ask('GET', path);
    if (answer.status === 404) return undefined;
    return JSON.parse((await answer.text()).replaceAll(/http:\/\/127\.0\.0\.1:\d+/g, ''));
  };
  const tags = async (repository: string) =>
    ((await json(`/v2/${repository}/tags/list`)) as { tags: string[] } | undefined)?.tags ?? [];
  const releases = async (tool: string) =>
    ((await json(`/api/v1/packages/${encodeURIComponent(tool)}`)) as { versions: Release[] } | undefined)?.versions;
  const listed = (await json('/api/v1/packages')) as readonly { name: string }[];
  return {
    tags: await Promise.all(REPOSITORIES.map(tags)),
    indexes: await Promise.all(REGISTRIES.map((registry) => json(`/api/v1/registry/${registry}/index.json`))),
    registries: ((await json('/api/v1/registry')) as readonly Registry[]).map(({ name, description, packages }) => ({
      name,
      description,
      packages: Object.entries(packages).map(([each, { versions }]) => [each, Object.keys(versions)]),
    })),
    tools: listed.map(({ name }) => name),
    releases: await Promise.all(
      TOOLS.map(async (tool) => (await releases(tool))?.map(({ version, hash }) => `${version} ${hash}`).toSorted()),
    ),
  };
}

interface Release {
  readonly version: string;
  readonly hash: string;
}

interface Registry {
  readonly name: string;
  readonly description: string;
  readonly packages: Readonly<Record<string, { readonly versions: Readonly<Record<string, unknown>> }>>;
}

/** The same as the model has it. */
export function whatShouldBe(model: Model): object {
  const registries = REGISTRIES.filter((registry) => model.hasRegistry(registry));
  const tools = TOOLS.filter((tool) => model.releasesOf(tool).length > 0);
  const entries = (registry: string) =>
    PACKAGES.flatMap((name) =>
      model
        .versionsOf(registry, name)
        .filter(({ isListed, url: elsewhere }) => isListed || elsewhere !== undefined)
        .map((each) => ({
          name,
          version: each.version,
          checksum: each.checksum,
          url: each.url ?? `/v2/${each.repository}/blobs/sha256:${each.checksum}`,
          startPartition: each.partitions[0],
          endPartition: each.partitions[1],
        })),
    );
  return {
    tags: REPOSITORIES.map((repository) => model.tagsOf(repository)),
    indexes: REGISTRIES.map((registry) => (model.hasRegistry(registry) ? entries(registry) : undefined)),
    registries: registries.map((name) => ({
      name,
      description: model.at(colaRegistry(name), '_registry')?.text ?? '',
      packages: model
        .packagesOf(name)
        .map((each) => [each, model.versionsOf(name, each).map(({ version }) => version)]),
    })),
    tools,
    releases: TOOLS.map((tool) =>
      tools.includes(tool)
        ? model
            .releasesOf(tool)
            .map(([version, hash]) => `${version} ${hash}`)
            .toSorted()
        : undefined,
    ),
  };
}
