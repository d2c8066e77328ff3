import { versionOfTag, type RepositoryName, type Tag } from '../../../../pkg/oci/index.ts';
import type { Expired, Retention } from '../../../gc/index.ts';
import { OciError } from '../../../../pkg/oci/index.ts';
import { originOf } from '../../../http/index.ts';
import type { FacadeRoute } from '../../types.ts';
import { JSON_TYPE, need, present, type ColaContext } from '../context.ts';
import { REGISTRY } from '../paths.ts';
import { Invalid } from '../rules/invalid.ts';
import { isVersion } from '../rules/versions.ts';
import { createDefine, type Handle } from './define.ts';
import { ABSENT, answer, WRONG } from './docs.ts';

/** Carries out the product's retention rules on one registry, or tells what they would do (contract 11.9). */
export function retentionRoutes(context: ColaContext, retention: Retention): readonly FacadeRoute[] {
  const { store, names } = context;
  const define = createDefine(context);

  /** The versions that go with a tag or manifest. */
  function versionsIn(expired: Expired): readonly object[] {
    const packageName = names.read(expired.repository)?.packageName;
    const tags = expired.kind === 'tag' ? [expired.tag] : expired.tags;
    return tags
      .map((tag) => versionOfTag(tag as Tag))
      .filter((version) => packageName !== undefined && isVersion(version))
      .map((version) => ({ package: packageName, version, reason: expired.reason }));
  }

  const run: Handle = async (place, exchange) => {
    const asked = exchange.query.get('dry_run') ?? 'false';
    if (asked !== 'true' && asked !== 'false') throw new Invalid('dry_run must be true or false', 'dry_run');
    const { packages } = present(await store.getRegistry(place.registry), place);
    const repositories = new Set<RepositoryName>();
    for (const { name } of packages) {
      const repository = names.package(place.registry, name);
      need(exchange, 'delete', repository);
      if (repository) repositories.add(repository);
    }
    const removed: object[] = [];
    const done = await retention.run({
      by: originOf(exchange),
      dryRun: asked === 'true',
      repositories,
      onExpired: (expired) => removed.push(...versionsIn(expired)),
    });
    if (done.kind === 'busy') throw new OciError('UNAVAILABLE', 'the rules are being carried out already');
    exchange.respond(200, JSON_TYPE, JSON.stringify({ dry_run: asked === 'true', versions: removed }));
  };

  return [
    define({
      method: 'POST',
      path: `${REGISTRY}/retention/run`,
      action: 'delete',
      doc: {
        summary: 'Remove versions that the retention rules let go of',
        parameters: [{ name: 'dry_run', in: 'query', description: '`true`: only tell', schema: { type: 'boolean' } }],
        answers: { 200: answer('What went, or would go, and why', { type: 'object' }), 400: WRONG, 404: ABSENT },
      },
      handle: run,
    }),
  ];
}
