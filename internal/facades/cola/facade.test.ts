import { describeFacade } from '../facade.suite.ts';

describeFacade({
  name: 'cola',
  pathOf: (template) =>
    template
      .replace('{name}', 'ops')
      .replace('{package}', 'tool')
      .replace('{version}', '1.0.0+x')
      .replaceAll(/\{\w+\}/g, 'anything'),
  repository: 'cola/ops/tool',
  isFailure: (body) => typeof body === 'object' && body !== null && 'error' in body,
});
